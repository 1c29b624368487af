/** How a report reads: the same rows, escapes and masks for text and JSON. */
import { text } from "./bytes.js";
import type { Finding, SessionReport, Side, Turn } from "./model.js";

/** Lines of a message's data, and bytes of a line, that are shown. */
const DATA_LINES = 4;
const SHOWN = 160;
/** A pause that a reader would wonder about. */
const PAUSE_NS = 5_000_000_000n;

/** The mark of the vectors for a turn: who said it, and whether the other side got it. */
export function markOf(turn: Turn): string {
  const [own, other] = turn.from === "client" ? ["C", "S"] : ["S", "C"];
  // The filter's own words, and the server's answers to them.
  if (turn.offset === null) return turn.received > 0 ? `${other}<` : `${own}>`;
  if (turn.fate === "unjudged") return `${own}:`;
  return turn.received > 0 ? `${own}:` : `${own}>`;
}

/** A turn's lines for people: printable ASCII only, credentials masked, message data cut to its first lines. */
export function shownLines(turn: Turn): string[] {
  if (turn.kind === "tls") return [];
  if (turn.secret) return [masked(text(turn.bytes.subarray(0, 200)))];
  if (turn.kind === "line") return [shown(text(turn.bytes), turn.size)];
  const lines = text(turn.bytes).split(/(?<=\n)/);
  return lines.slice(0, DATA_LINES).map((line) => shown(line, line.length));
}

/** `^ protection/reason: prevented (reject), 502 5.5.1 to the client`. */
export function findingText(finding: Finding, turn?: Turn): string {
  const { protection, reason, action, reply, from } = finding;
  const at = turn?.kind === "data" ? `, at byte ${from - (turn.offset ?? 0)} of it` : "";
  const told = reply === "" ? "" : `, ${reply} to the client`;
  return `${protection}/${reason}: ${action === "detect" ? "detected" : `prevented (${action})`}${told}${at}`;
}

/** A whole report as text; every line ends with a newline. */
export function sessionText(report: SessionReport): string {
  const name = report.title === "" ? "" : `  ${escaped(report.title)}`;
  const lines = [
    `== session ${report.id}${name}  ${report.client} -> ${report.server}  ${when(report.startNs)}`,
  ];
  let before: Turn | undefined;
  for (const turn of report.turns) {
    lines.push(...comments(turn, before, report), ...turnText(turn));
    before = turn;
  }
  if (report.turnsLeftOut > 0) lines.push(`# … ${report.turnsLeftOut} more lines are not shown`);
  const count = report.findings.length;
  const outcome = [
    report.incomplete === null || count > 0 ? report.verdict : "",
    count === 0 ? "" : `${count} finding${count === 1 ? "" : "s"}`,
    report.incomplete === null ? "" : `not judged to its end: ${report.incomplete}`,
    report.closed ?? "left open",
  ];
  lines.push(`== ${outcome.filter((part) => part !== "").join("; ")}`);
  return `${lines.join("\n")}\n`;
}

function comments(turn: Turn, before: Turn | undefined, report: SessionReport): string[] {
  const found: string[] = [];
  if (before !== undefined && turn.timeNs - before.timeNs >= PAUSE_NS) {
    found.push(`# ${(Number((turn.timeNs - before.timeNs) / 100_000_000n) / 10).toFixed(1)} s later`);
  }
  if (turn.gap > 0) found.push(`# the capture lacks ${turn.gap} bytes of the ${turn.from}`);
  const fate = before?.fate ?? "judged";
  if (turn.fate !== fate && turn.offset !== null) {
    if (turn.fate === "unsaid") found.push("# said in the recording, but not under this policy:");
    if (turn.fate === "unjudged") found.push(`# not judged: ${report.incomplete ?? ""}`);
  }
  return found;
}

/** A turn's lines with their marks, and what was found in it. */
export function turnText(turn: Turn): string[] {
  const mark = markOf(turn);
  const lines = shownLines(turn).map((line) => `${mark}${line}`);
  if (turn.kind === "tls") lines.push(`# ${turn.size} bytes of TLS from the ${turn.from}${missed(turn)}`);
  if (turn.kind === "data") {
    const more = text(turn.bytes).split("\n").length - 1 > DATA_LINES || turn.size > turn.bytes.length;
    if (more || turn.received < turn.size)
      lines.push(`# ${more ? "… " : ""}${turn.size} bytes of data${missed(turn)}`);
  }
  return [...lines, ...turn.findings.map((finding) => `^ ${findingText(finding, turn)}`)];
}

/** How much of a long turn did not get through. */
function missed(turn: Turn): string {
  if (turn.offset === null || turn.fate !== "judged" || turn.received === turn.size) return "";
  const to: Side = turn.from === "client" ? "server" : "client";
  const way = turn.findings.some(({ action }) => action === "normalize") ? " as they were" : "";
  return turn.received === 0
    ? `, none of which reached the ${to}${way}`
    : `, ${turn.received} of which reached the ${to}${way}`;
}

/** A line behind its mark: " text", or ": text" when it does not end with CRLF, as in the vectors. */
function shown(line: string, size: number): string {
  const isWhole = line.endsWith("\r\n") && line.length === size;
  const body = isWhole ? line.slice(0, -2) : line;
  const cut = body.length > SHOWN ? ` … (${size} bytes)` : "";
  const words = escaped(body.slice(0, SHOWN));
  return `${isWhole || cut !== "" ? "" : ":"}${words === "" ? "" : ` ${words}`}${cut}`;
}

/** Mechanisms by name (RFC 4422 and IANA); any other word behind AUTH might be the credential itself. */
const MECHANISM =
  /^(\s*(?:AUTH|X-EXPS)[ \t]+(?:PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|NTLM|GSSAPI|EXTERNAL|ANONYMOUS|XOAUTH2|OAUTHBEARER|SCRAM-SHA-[\w-]{1,12}))(\s*)(.*)$/is;

function masked(line: string): string {
  // A server that repeats what it was told.
  const code = /^\d{3}[- ]/.exec(line)?.[0];
  if (code !== undefined) return ` ${code}***`;
  const known = MECHANISM.exec(line);
  if (known !== null) {
    const rest = (known[3] ?? "").trim() === "" ? "" : " ***";
    return ` ${escaped(known[1] ?? "")}${rest}`;
  }
  const verb = /^\s*(AUTH|X-EXPS)(?![\w-])/i.exec(line)?.[1];
  if (verb !== undefined) return ` ${verb} ***`;
  // The end of an exchange is no secret.
  return line === "*\r\n" ? " *" : " ***";
}

/** Everything but printable ASCII as an escape of the vectors. */
export function escaped(raw: string): string {
  return raw.replace(/[^\x20-\x5b\x5d-\x7e]/g, (character) => {
    const named = ESCAPES[character];
    if (named !== undefined) return named;
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

const ESCAPES: Record<string, string> = { "\\": "\\\\", "\r": "\\r", "\n": "\\n", "\t": "\\t", "\0": "\\0" };

/** `2009-10-05 06:06:07 UTC`; a time that no calendar has is left out. */
export function when(timeNs: bigint): string {
  const date = new Date(Number(timeNs / 1_000_000n));
  return Number.isNaN(date.getTime())
    ? "at no known time"
    : `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** A report as one JSON value: shown as in the text, bytes from the wire escaped and masked in the same way. */
export function sessionJson(report: SessionReport): Record<string, unknown> {
  const { turns, toServer, toClient, startNs, ...rest } = report;
  return {
    ...rest,
    start: when(startNs),
    to_server_bytes: toServer.size,
    to_client_bytes: toClient.size,
    turns: turns.map((turn) => ({
      mark: markOf(turn),
      kind: turn.kind,
      seconds: Number((turn.timeNs - startNs) / 1000n) / 1e6,
      offset: turn.offset,
      size: turn.size,
      received: turn.received,
      held: turn.held,
      fate: turn.fate,
      gap: turn.gap,
      lines: shownLines(turn).map((line) => line.replace(/^:? /, "")),
      findings: turn.findings.map((finding) => report.findings.indexOf(finding)),
    })),
  };
}
