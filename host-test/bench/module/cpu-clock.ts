/**
 * CPU time of this process in nanoseconds since its start, to the microsecond. Others use the machine while a benchmark
 * runs; their time is in wall-clock time but not in this. The time of the engine's helper threads is in it:
 * medians of many rounds leave that out.
 */
export function cpuNanoseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}
