/** What is not tested on this machine, said where it is left out, with the way to have it tested. */

const said = new Set<string>();

/** Prints it, once a file of tests. @param how for example "apt-get install chromium" */
export function leftOut(what: string, why: string, how: string): void {
  const line = `left out, as ${why}: ${what}; to have it: ${how}`;
  if (!said.has(line)) console.warn(line);
  said.add(line);
}
