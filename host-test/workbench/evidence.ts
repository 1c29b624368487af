/** Finds the bytes that an event of the filter is about: its excerpt in what was just inspected. */
import { text } from "./bytes.js";
import type { Part } from "./dialogue.js";
import { alertOf } from "./events.js";
import type { Finding, Side, Turn } from "./model.js";

/** An event, as far as reports show it (README, "Events"). */
interface EventText {
  protection: string;
  reason: string;
  mode: string;
  action: string;
  phase?: string;
  verb?: string;
  excerpt?: string;
  reply?: string;
  /** It says what the policy's shadow would do, and nothing is done. */
  shadow?: true;
}

/** Excerpts are 64 bytes at most. */
const SEARCHED = 65_536;
/** Lines of a group that are searched for one finding: the filter reports them in order. */
const SEARCHED_PARTS = 256;

/** The finding in a log line, without its place; null when the line is not a finding. */
export function eventIn(message: string): EventText | null {
  return alertOf(message) as EventText | null;
}

/**
 * Puts a finding at its bytes.
 * @param judged what the filter was inspecting, the likeliest first; not empty
 * @param after an earlier finding of the same call: the search begins at its place
 */
export function place(event: EventText, judged: readonly Part[], after: Finding | undefined): Finding {
  const excerpt = (event.excerpt ?? "").replace(/\\x([0-9a-f]{2})|\\\\/g, (_, hex?: string) =>
    hex === undefined ? "\\" : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const found = search(event, excerpt, judged, after);
  return {
    protection: event.protection,
    reason: event.reason,
    mode: event.mode,
    action: event.action,
    phase: event.phase ?? "",
    verb: event.verb ?? "",
    reply: event.reply ?? "",
    side: found.turn.from,
    from: found.from,
    to: found.to,
  };
}

interface Place {
  turn: Turn;
  from: number;
  to: number;
}

function search(
  event: EventText,
  excerpt: string,
  judged: readonly Part[],
  after: Finding | undefined,
): Place {
  const isBehind = (turn: Turn, at: number): boolean =>
    after === undefined || turn.from !== after.side || at >= after.from;
  // Identical lines each have their own finding.
  const isTaken = ({ kind, findings, shadow }: Turn): boolean =>
    kind === "line" &&
    (event.shadow === true ? shadow : findings).some(
      ({ protection, reason }) => protection === event.protection && reason === event.reason,
    );
  let searched = 0;
  for (const part of judged) {
    const end = (part.turn.offset ?? 0) + part.turn.size;
    if (!isBehind(part.turn, end - 1) || isTaken(part.turn)) continue;
    if (++searched > SEARCHED_PARTS) break;
    const found = placesIn(part, excerpt, event).find(({ turn, from }) => isBehind(turn, from));
    if (found !== undefined) return found;
  }
  for (const part of judged.slice(0, SEARCHED_PARTS)) {
    const [found] = placesIn(part, excerpt, event);
    if (found !== undefined) return found;
  }
  if (excerpt === "***") return whole(unread(judged, event.verb ?? ""));
  // A lone byte of a reply, or nothing: the last thing that was said.
  return whole(judged.at(-1) as Part);
}

/** What an event hides: a credential, or bytes that came too early to be read and may hold one. */
function unread(judged: readonly Part[], verb: string): Part {
  const secret = judged.find(({ turn }) => turn.secret);
  if (secret !== undefined) return secret;
  const ofClient = judged.filter(({ turn }) => turn.from === "client");
  const asked = ofClient.findLastIndex(({ turn }) => verb !== "" && verbOf(turn) === verb);
  return ofClient[asked + 1] ?? ofClient[0] ?? (judged[0] as Part);
}

const verbOf = (turn: Turn): string =>
  (/^\s*([!-~]+)/.exec(text(turn.bytes.subarray(0, 64)))?.[1] ?? "").toUpperCase();

/** All bytes that are there of the part's turn. */
function whole({ turn, bytes }: Part): Place {
  const end = (turn.offset ?? 0) + turn.size;
  return { turn, from: turn.kind === "line" ? (turn.offset ?? 0) : Math.max(0, end - bytes.length), to: end };
}

function placesIn(part: Part, excerpt: string, event: EventText): Place[] {
  const { turn, bytes } = part;
  if (excerpt === "") return [];
  if (turn.kind === "line") {
    // An excerpt may continue in the lines that follow.
    const line = /^[^\n]*?(?=\r?\n|$)/.exec(excerpt)?.[0] ?? excerpt;
    return text(turn.bytes.subarray(0, 64)).startsWith(line) ? [whole(part)] : [];
  }
  const all = text(bytes.subarray(0, SEARCHED));
  // One byte of data says what kind of error it is, not where: one line end among many correct ones.
  const kinds = event.protection === "smuggled_end_of_data" ? SMUGGLED : BARE;
  const pattern = kinds[excerpt];
  const at = pattern === undefined ? all.indexOf(excerpt) : all.search(pattern);
  if (at < 0) return [];
  const start = (turn.offset ?? 0) + turn.size - bytes.length + at;
  return [{ turn, from: start, to: start + excerpt.length }];
}

/** A bare CR or LF, by the byte that an event shows of it. */
const BARE: Record<string, RegExp> = { "\n": /(?<!\r)\n/, "\r": /\r(?!\n)/ };
/** The byte after a lone dot that some servers take for the end of data (assembly/smtp/data.ts), likewise. */
const SMUGGLED: Record<string, RegExp> = {
  "\n": /(?<=(?:^|[\r\n])\0*\.\0*)\n/,
  "\r": /(?<=(?:^|[\r\n])\0*\.\0*)(?!(?<=(?:^|\r\n)\.)\r\n)\r/,
};

/** The turn of `side` that holds the finding's first byte. */
export function turnOf(finding: Finding, judged: readonly Part[]): Turn {
  const holds = ({ turn }: Part): boolean => {
    const start = turn.offset ?? 0;
    return turn.from === finding.side && finding.from >= start && finding.from < start + turn.size;
  };
  return (judged.find(holds) ?? (judged.at(-1) as Part)).turn;
}

/** What the client said before: a reply may decide about bytes that have passed, and an end has no bytes. */
export function lastSaid(turns: readonly Turn[]): Part[] {
  const last = turns.slice(-LOOKED_BACK).filter(({ offset }) => offset !== null);
  const ofClient = last.filter(({ from }) => from === "client");
  // A server may end before the client says anything.
  return (ofClient.length > 0 ? ofClient : last).map((turn) => ({ turn, bytes: turn.bytes }));
}

/** Turns that are searched for the cause of a later finding. */
const LOOKED_BACK = 64;

/** `client` for `server` and vice versa. */
export const otherSide = (side: Side): Side => (side === "client" ? "server" : "client");

/** Whether a finding means that its line does not reach the other side. */
export const keepsBack = ({ action }: Finding): boolean => action !== "detect" && action !== "normalize";

/** The summary's words on the shadow; null when the policy has none. @param summary filter state of a session that is over */
export function shadowIn(summary: Uint8Array | undefined): { verdict: string; findings: number } | null {
  if (summary === undefined) return null;
  const { shadow } = JSON.parse(text(summary)) as { shadow?: { verdict: string; findings: number } };
  return shadow ?? null;
}

const VERDICTS = ["clean", "detected", "prevented", "terminated"] as const;

/** As the access log has it. */
export function verdictOf(findings: readonly Finding[]): string {
  const ranks = findings.map(({ action }) => (action === "detect" ? 1 : action === "terminate" ? 3 : 2));
  return VERDICTS[Math.max(0, ...ranks)] as string;
}
