/**
 * CPU time of this process in nanoseconds since its start, to the microsecond. Others use the machine while a benchmark
 * runs; what they take is in wall-clock time and not in this. Time that the engine's helper threads take is in it, too:
 * medians of many rounds leave that out.
 */
export function cpuNanoseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}
