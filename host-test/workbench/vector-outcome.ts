/** Compares the result of a case with its file; the same for every host and every way to cut. */
import { escapeText } from "./lines.js";
import type { FindingEvent, Outcome } from "./vector-run.js";

/** What a case says about its conversation, besides its lines. */
export interface Expected {
  /** The policy's text, as the filter gets it. */
  policy: string;
  /** One line per finding: `<id> <reason> <mode> <action>`, ` shadow` for the shadow's, and ` verb=<V>` where the verb is compared. */
  findings: readonly string[];
}

/** Both sides' bytes, escaped, the findings and how it ended: as they are, and as they should be; null when all is right. */
export function mismatch(vector: Expected, outcome: Outcome): { seen: string; wanted: string } | null {
  const { client, server } = outcome.conversation;
  const looked = outcome.findings.filter((event) => isLookedAt(vector.policy, event));
  const told = looked.map((event, index) => findingText(event, vector.findings[index]));
  const wantedVerdict = looked.length < outcome.findings.length ? atLeastDetected(vector) : verdictOf(vector);
  // Who is first to close a terminated session, server, filter or deadline, is a matter of time.
  const isEnded = isTerminated(vector) || LAST_IS_421.test(client.expected);
  const closes = outcome.conversation.script.filterCloses || (isEnded && outcome.filterClosed);
  const same =
    client.received === client.expected &&
    server.received === server.expected &&
    told.join("\n") === vector.findings.join("\n") &&
    outcome.filterClosed === closes &&
    client.isDone &&
    server.isDone &&
    seenVerdict(outcome) === wantedVerdict;
  if (same) return null;
  const wanted = report(server.expected, client.expected, vector.findings, closes, wantedVerdict, []);
  const undone = [...(client.isDone ? [] : ["client"]), ...(server.isDone ? [] : ["server"])];
  const verdict = seenVerdict(outcome);
  const seen = report(server.received, client.received, told, outcome.filterClosed, verdict, undone);
  return { seen, wanted };
}

/** The live policy's, which stands before the shadow's. */
const seenVerdict = ({ summary }: Outcome): string => /,"verdict":"(\w+)"/.exec(summary)?.[1] ?? "none";

/**
 * A case whose policy names protections compares their findings: what others only detect is not its subject. What any
 * protection prevents is always compared.
 */
export function isLookedAt(policy: string, event: FindingEvent): boolean {
  const named = Object.keys((JSON.parse(policy || "{}") as { protections?: object }).protections ?? {});
  return named.length === 0 || event.action !== "detect" || named.includes(event.protection);
}

function atLeastDetected(vector: Expected): string {
  const verdict = verdictOf(vector);
  return verdict === "clean" ? "detected" : verdict;
}

function isTerminated(vector: Expected): boolean {
  return verdictOf(vector) === "terminated";
}

/** The worst of all findings is the session's verdict in the access log (README.md, "What you see"). */
function verdictOf(vector: Expected): string {
  const actions = vector.findings.flatMap((line) => {
    const [, , , action, shadow] = line.split(" ");
    return shadow === "shadow" ? [] : [action];
  });
  if (actions.length === 0) return "clean";
  if (actions.includes("terminate")) return "terminated";
  return actions.every((action) => action === "detect") ? "detected" : "prevented";
}

/** One line per finding, with the verb unless the file's line for it has none. */
export function findingText(event: FindingEvent, expected?: string): string {
  const { protection, reason, mode, action, verb, shadow } = event;
  const line = `${protection} ${reason} ${mode} ${action}${shadow === true ? " shadow" : ""}`;
  return expected === line || verb === undefined ? line : `${line} verb=${verb}`;
}

function report(
  server: string,
  client: string,
  findings: readonly string[],
  filterClosed: boolean,
  verdict: string,
  undone: string[],
): string {
  return [
    "the server receives:",
    ...indented(shown(server)),
    "the client receives:",
    ...indented(shown(client)),
    "findings:",
    ...indented(findings.join("\n")),
    `verdict: ${verdict}`,
    `closed by the filter: ${filterClosed ? "yes" : "no"}`,
    `still waiting, or has not seen the end:  ${undone.join(", ") || "nobody"}`,
  ].join("\n");
}

/** The policy's "starttls" ends a session without a finding. */
const LAST_IS_421 = /(?:^|\n)421 [^\n]*\n$/;

/** As it is on the wire, and where TLS starts (`TLS_STARTS`). */
const shown = (text: string): string => escapeText(text).replaceAll("\\u2550", "=");

const indented = (text: string): string[] => (text === "" ? [] : text.split("\n").map((line) => `  ${line}`));
