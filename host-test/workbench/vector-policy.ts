/** The policy as a vector has it. */

/** A policy that does not depend on who talks to whom. */
export interface VectorPolicy {
  text: string;
  /** In upper case: the verbs that it allows. */
  verbs: Set<string>;
  /** What its user should know. */
  notes: string[];
}

/** With more findings the policy must allow more events per second than by default (`events.max_per_second`). */
const FEW_EVENTS = 50;

/**
 * The policy without what only changes how findings are reported, and without networks: first for a client that is in
 * none of them, then, if there are any, for a client in one.
 * @param policy one that the filter accepts
 * @param findings how many the session has
 */
export function vectorPolicies(policy: string, findings: number): VectorPolicy[] {
  const isExempt = Object.values(read(policy).protections ?? {}).some(
    (settings) => typeof settings !== "string" && settings.exempt_sources !== undefined,
  );
  return isExempt
    ? [changed(policy, findings, false), changed(policy, findings, true)]
    : [changed(policy, findings, false)];
}

interface Policy {
  protections?: Record<string, string | { allow?: string[]; exempt_sources?: string[] }>;
  events?: unknown;
  stat_prefix?: unknown;
}

const read = (policy: string): Policy => (policy.trim() === "" ? {} : JSON.parse(policy)) as Policy;

/** @param off whether protections with exempt networks are off: the client is in one */
function changed(policy: string, findings: number, off: boolean): VectorPolicy {
  const all = read(policy);
  delete all.events;
  delete all.stat_prefix;
  if (findings > FEW_EVENTS) all.events = { max_per_second: 10_000 };
  const verbs = new Set<string>();
  const exempt: string[] = [];
  for (const [id, settings] of Object.entries(all.protections ?? {})) {
    if (typeof settings === "string") continue;
    for (const verb of settings.allow ?? []) verbs.add(verb.toUpperCase());
    if (settings.exempt_sources === undefined) continue;
    exempt.push(id);
    if (off) (all.protections ?? {})[id] = "off";
    else delete settings.exempt_sources;
  }
  const how = off
    ? "off in it, since the client is in its exempt_sources"
    : "in it without its exempt_sources";
  return { text: JSON.stringify(all), verbs, notes: exempt.map((id) => `${id} is ${how}`) };
}
