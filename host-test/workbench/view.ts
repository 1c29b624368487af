/** How a report looks: the same rows, escapes and masks for text, JSON, HTML and the page. */
import { text } from "./bytes.js";
import type { Finding, SessionReport, SessionStart, Side, Turn } from "./model.js";

/** Lines of a message's data, and bytes of a line, that are shown. */
const DATA_LINES = 4;
const SHOWN = 160;
/** Bytes of a secret line that are checked for what may be shown of it. */
const MASKED = 200;
/** A pause worth mentioning to the reader. */
const PAUSE_NS = 5_000_000_000n;

/** The mark of the vectors for a turn: who said it, and whether the other side got it. */
export function markOf(turn: Turn): string {
  if (turn.kind === "starttls") return "==";
  const [own, other] = turn.from === "client" ? ["C", "S"] : ["S", "C"];
  // The filter's own words, and the server's answers to them.
  if (turn.offset === null) return turn.received > 0 ? `${other}<` : `${own}>`;
  if (turn.fate === "unjudged") return `${own}:`;
  return turn.received > 0 ? `${own}:` : `${own}>`;
}

/** A line of a turn as people see it. */
export interface Row {
  /** Printable ASCII only; credentials are masked. */
  text: string;
  /** Which of the turn's bytes `text` shows: from inclusive, to exclusive; none when it is masked. */
  from: number;
  to: number;
  /** The length of the line if not all of it is shown; otherwise "". */
  cut: string;
  /** The line is whole, but does not end with CRLF. */
  isOpen: boolean;
}

/** A turn's lines: of message data the first, of TLS none. */
export function rowsOf(turn: Turn): Row[] {
  if (turn.kind === "starttls") return [{ text: `TLS ${turn.from}`, from: 0, to: 0, cut: "", isOpen: false }];
  if (turn.kind === "tls") return [];
  if (turn.secret) return [{ text: masked(turn.bytes), from: 0, to: 0, cut: "", isOpen: false }];
  if (turn.kind === "line") return [rowAt(0, text(turn.bytes), turn.size)];
  let at = 0;
  const lines = text(turn.bytes).split(/(?<=\n)/);
  return lines.slice(0, DATA_LINES).map((line) => {
    const row = rowAt(at, line, line.length);
    at += line.length;
    return row;
  });
}

/** A row after its mark: " text", or ": text" when it is open, as in the vectors. */
export const rowText = (row: Row): string =>
  `${row.isOpen ? ":" : ""}${row.text === "" ? "" : ` ${row.text}`}${row.cut}`;

/** What is not in a turn's rows, for people; null when nothing is missing. */
export function restOf(turn: Turn): string | null {
  if (turn.kind === "line" || turn.kind === "starttls") return null;
  if (turn.kind === "tls") return `${turn.size} bytes of TLS from the ${turn.from}${missed(turn)}`;
  const more = text(turn.bytes).split("\n").length - 1 > DATA_LINES || turn.size > turn.bytes.length;
  if (!more && turn.received >= turn.size) return null;
  return `${more ? "… " : ""}${turn.size} bytes of data${missed(turn)}`;
}

/** `protection/reason: prevented (reject), 502 5.5.1 to the client`. */
export function findingText(finding: Finding, turn?: Turn): string {
  const { protection, reason, action, reply, from } = finding;
  const at = turn?.kind === "data" ? `, at byte ${from - (turn.offset ?? 0)} of it` : "";
  const toClient = reply === "" ? "" : `, ${reply} to the client`;
  return `${protection}/${reason}: ${action === "detect" ? "detected" : `prevented (${action})`}${toClient}${at}`;
}

/** The same of what the policy's shadow would do: `shadow: protection/reason would be prevented (reject)`. */
export function shadowText(finding: Finding, turn?: Turn): string {
  const name = `${finding.protection}/${finding.reason}`;
  return `shadow: ${name} would be${findingText({ ...finding, reply: "" }, turn).slice(name.length + 1)}`;
}

/** `== session 3  title  client → server  2009-10-05 06:06:07 UTC`. */
export function sessionHead({ id, title, client, server, startNs }: SessionStart): string {
  const name = title === "" ? "" : `  ${escaped(title)}`;
  return `== session ${id}${name}  ${client} → ${server}  ${when(startNs)}`;
}

/** A whole report as text; every line ends with a newline. */
export function sessionText(report: SessionReport): string {
  const lines = [sessionHead(report)];
  let before: Turn | undefined;
  for (const turn of report.turns) {
    lines.push(...notesBefore(turn, before, report).map((note) => `# ${note}`), ...turnText(turn));
    before = turn;
  }
  if (report.turnsLeftOut > 0) lines.push(`# … ${report.turnsLeftOut} more lines are not shown`);
  if (report.findingsLeftOut > 0) lines.push(`# … ${report.findingsLeftOut} more findings are not shown`);
  lines.push(`== ${outcomeOf(report).join("; ")}`);
  return `${lines.join("\n")}\n`;
}

/** A session in one line: its head, its outcome, and each kind of finding with the strongest action of its kind. */
export function sessionLine(report: SessionReport): string {
  const kinds = new Map<string, string>();
  for (const { protection, reason, action } of report.findings) {
    const kind = `${protection}/${reason}`;
    if (action !== "detect" || !kinds.has(kind)) kinds.set(kind, action);
  }
  const found = [...kinds].map(([kind, action]) => `${kind} (${action})`);
  return [`${sessionHead(report)}  ${outcomeOf(report).join("; ")}`, ...found].join("; ");
}

/** Verdict, findings, whether the session is complete, and who ended it. */
export function outcomeOf(report: SessionReport): string[] {
  const count = report.findings.length + report.findingsLeftOut;
  const outcome = [
    report.incomplete === null || count > 0 ? report.verdict : "",
    count === 0 ? "" : `${count} finding${count === 1 ? "" : "s"}`,
    report.shadow === null ? "" : `shadow: ${report.shadow.verdict}`,
    report.incomplete === null ? "" : `incomplete: ${report.incomplete}`,
    report.closed ?? "left open",
  ];
  return outcome.filter((part) => part !== "");
}

/** What a reader needs to know between a turn and the one before it. */
export function notesBefore(turn: Turn, before: Turn | undefined, report: SessionReport): string[] {
  const found: string[] = [];
  if (before !== undefined && turn.timeNs - before.timeNs >= PAUSE_NS) {
    found.push(`${(Number((turn.timeNs - before.timeNs) / 100_000_000n) / 10).toFixed(1)} s later`);
  }
  if (turn.gap > 0) found.push(`the capture lacks ${turn.gap} bytes of the ${turn.from}`);
  const fate = before?.fate ?? "judged";
  if (turn.fate !== fate && turn.offset !== null) {
    if (turn.fate === "unsaid") found.push("in the recording; would not happen under this policy:");
    if (turn.fate === "unjudged") found.push(`not inspected: ${report.incomplete ?? ""}`);
  }
  return found;
}

/** A turn's lines with their marks, and its findings. */
export function turnText(turn: Turn): string[] {
  const mark = markOf(turn);
  const lines = rowsOf(turn).map((row) => `${mark}${rowText(row)}`);
  const rest = restOf(turn);
  if (rest !== null) lines.push(`# ${rest}`);
  const found = turn.findings.map((finding) => `^ ${findingText(finding, turn)}`);
  return [...lines, ...found, ...turn.shadow.map((finding) => `^ ${shadowText(finding, turn)}`)];
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

/** @param from where in its turn the line begins @param size of the whole line, which may be longer than `line` */
function rowAt(from: number, line: string, size: number): Row {
  const isWhole = line.endsWith("\r\n") && line.length === size;
  const body = isWhole ? line.slice(0, -2) : line;
  const cut = body.length > SHOWN ? ` … (${size} bytes)` : "";
  const start = body.slice(0, SHOWN);
  return { text: escaped(start), from, to: from + start.length, cut, isOpen: !isWhole && cut === "" };
}

/** Mechanisms by name (RFC 4422 and IANA); any other word after AUTH might be the credential itself. */
const MECHANISM =
  /^(\s*(?:AUTH|X-EXPS)[ \t]+(?:PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|NTLM|GSSAPI|EXTERNAL|ANONYMOUS|XOAUTH2|OAUTHBEARER|SCRAM-SHA-[\w-]{1,12}))(\s*)(.*)$/is;

/** A line that may hold credentials, without them. */
export function masked(bytes: Uint8Array): string {
  const line = text(bytes.subarray(0, MASKED));
  // A server that repeats what it received.
  const code = /^\d{3}[- ]/.exec(line)?.[0];
  if (code !== undefined) return `${code}***`;
  const known = MECHANISM.exec(line);
  if (known !== null) {
    const rest = (known[3] ?? "").trim() === "" ? "" : " ***";
    return `${escaped(known[1] ?? "")}${rest}`;
  }
  const verb = /^\s*(AUTH|X-EXPS)(?![\w-])/i.exec(line)?.[1];
  if (verb !== undefined) return `${verb} ***`;
  // The end of an exchange is not secret.
  return line === "*\r\n" ? "*" : "***";
}

/** Everything except printable ASCII as an escape of the vectors. */
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

/** `2009-10-05 06:06:07 UTC`; a time outside the calendar is left out. */
export function when(timeNs: bigint): string {
  const date = new Date(Number(timeNs / 1_000_000n));
  return Number.isNaN(date.getTime())
    ? "at an unknown time"
    : `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
