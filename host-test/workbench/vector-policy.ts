/** The policy as a vector has it. */

/** A policy that does not depend on who talks to whom. */
export interface VectorPolicy {
  text: string;
  /** In upper case: the verbs and keywords that it allows or denies. */
  words: Set<string>;
  /** What its user should know. */
  notes: string[];
}

/** With more findings the policy must allow more events per second than by default (`events.max_per_second`). */
const FEW_EVENTS = 50;

/**
 * The policy without what only changes how findings are reported, and without networks: first for a client that is in
 * none of them, then, if there are any, for one that single protections exempt, for one that all do, and each of these as one
 * that is trusted.
 * @param policy one that the filter accepts
 * @param findings how many the session has
 */
export function vectorPolicies(policy: string, findings: number): VectorPolicy[] {
  const { exempt_sources, trusted_sources, protections = {} } = read(policy);
  const some = Object.values(protections).some(
    (settings) => typeof settings !== "string" && settings.exempt_sources !== undefined,
  );
  const clients: Client[] = ["in none", ...(some ? (["in some"] as const) : [])];
  if (exempt_sources !== undefined) clients.push("in all");
  const trusts = trusted_sources === undefined ? [false] : [false, true];
  return trusts.flatMap((trusted) => clients.map((client) => changed(policy, findings, client, trusted)));
}

/** Whether the client is in the networks of no protection, of those that name some, or in those for all protections. */
type Client = "in none" | "in some" | "in all";

/** Wherever the client is that a vector is played from. */
const EVERYBODY = ["0.0.0.0/0", "::/0"];

interface Policy {
  protections?: Record<string, string | { allow?: string[]; exempt_sources?: string[] }>;
  exempt_sources?: string[];
  trusted_sources?: string[];
  commands?: List;
  ehlo_keywords?: List;
  events?: unknown;
  stat_prefix?: unknown;
}

/** An own rule. */
interface List {
  allow?: string[];
  deny?: string[];
}

const read = (policy: string): Policy => (policy.trim() === "" ? {} : JSON.parse(policy)) as Policy;

function changed(policy: string, findings: number, client: Client, trusted: boolean): VectorPolicy {
  const all = read(policy);
  delete all.events;
  delete all.stat_prefix;
  if (findings > FEW_EVENTS) all.events = { max_per_second: 10_000 };
  const { exempt, words } = withoutNetworks(all.protections ?? {}, client === "in some");
  const how =
    client === "in some"
      ? "off in it, since the client is in its exempt_sources"
      : "in it without its exempt_sources";
  const notes = exempt.map((id) => `${id} is ${how}`);
  notes.push(...replaced(all, "exempt_sources", client === "in all"));
  notes.push(...replaced(all, "trusted_sources", trusted));
  for (const list of [all.commands, all.ehlo_keywords])
    for (const word of [...(list?.allow ?? []), ...(list?.deny ?? [])]) words.add(word.toUpperCase());
  return { text: JSON.stringify(all), words, notes };
}

/** Puts everybody, or nobody, into a list of the policy's top; says so. */
function replaced(all: Policy, key: "exempt_sources" | "trusted_sources", included: boolean): string[] {
  if (all[key] === undefined) return [];
  if (included) all[key] = EVERYBODY;
  else delete all[key];
  const what = included ? "has everybody in it, since the client is in it" : "is left out";
  return [`the policy's own ${key} ${what}`];
}

/** Takes the networks out of each protection. @param off whether those that had some are turned off */
function withoutNetworks(
  protections: NonNullable<Policy["protections"]>,
  off: boolean,
): { exempt: string[]; words: Set<string> } {
  const words = new Set<string>();
  const exempt: string[] = [];
  for (const [id, settings] of Object.entries(protections)) {
    if (typeof settings === "string") continue;
    for (const verb of settings.allow ?? []) words.add(verb.toUpperCase());
    if (settings.exempt_sources === undefined) continue;
    exempt.push(id);
    if (off) protections[id] = "off";
    else delete settings.exempt_sources;
  }
  return { exempt, words };
}
