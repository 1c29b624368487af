/** Where a policy's `quarantine_cluster` and the proxy's options do not go together. */

/** @param policy one that the filter accepts @param has whether there is a --quarantine @returns lines for people */
export function quarantineNotes(policy: string, has: boolean): string[] {
  const { protections } = (policy.trim() === "" ? {} : JSON.parse(policy)) as {
    protections?: Record<string, string | { quarantine_cluster?: string; permanent?: boolean }>;
  };
  const abuse = protections?.["source_abuse"];
  const { quarantine_cluster: cluster, permanent = false } = typeof abuse === "object" ? abuse : {};
  if (has === (cluster !== undefined)) return [];
  if (has) return ['--quarantine is not used: source_abuse of the policy has no "quarantine_cluster"'];
  const reply = permanent ? 554 : 421;
  return [
    `the policy has "quarantine_cluster": ${JSON.stringify(cluster)}, but without --quarantine its connections are refused with ${reply}`,
  ];
}
