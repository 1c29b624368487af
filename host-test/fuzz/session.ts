/** The fuzzer's input: one connection as a list of events, and its form as a readable file. */
import { POLICIES } from "./policies.js";

export const KINDS = {
  /** The client sends, then the server answers all that it got. */
  C: "bytes",
  /** The client sends, the server does not answer yet. */
  c: "bytes",
  /** The server sends this, whatever was requested. */
  S: "bytes",
  /** The server's next reply (except to a bare NOOP) is this. */
  A: "bytes",
  /** The server sends this and ends its stream. */
  "S.": "bytes",
  /** The server sends up to this many replies. */
  R: "number",
  /** This many milliseconds pass, then the timer fires. */
  T: "number",
  /** A listener update to this policy (index), with another connection on it. */
  U: "number",
  /** A listener update to this text, which need not be a policy. */
  P: "bytes",
  /** The client ends its stream. */
  "C.": "none",
  /** The client or the server resets. */
  "C!": "none",
  "S!": "none",
} as const;

export type Kind = keyof typeof KINDS;

export interface Op {
  readonly kind: Kind;
  /** Empty if the kind has no bytes. */
  readonly bytes: Uint8Array;
  /** 0 if the kind has no number. */
  readonly n: number;
}

export interface Session {
  /** Index in `POLICIES`. */
  readonly policy: number;
  /** What the model server offers: index of its variant. */
  readonly server: number;
  readonly ops: readonly Op[];
}

const NOTHING = new Uint8Array(0);

export const op = (kind: Kind, bytes: Uint8Array = NOTHING, n = 0): Op => ({ kind, bytes, n });

export const isBytes = (kind: Kind): boolean => KINDS[kind] === "bytes";

/** Whether it is bytes of one side. */
export const isSpoken = (kind: Kind): boolean => isBytes(kind) && kind !== "P";

/** Bytes of all events: what a session costs to run. */
export function sizeOf(session: Session): number {
  let size = 0;
  for (const { bytes } of session.ops) size += bytes.length + 8;
  return size;
}

/**
 * Whether the server answers everything before anything else happens. Then cuts do not change what was outstanding
 * at which moment, so every cut must give the same result (CONTRIBUTING.md, law 2).
 */
export function isLockStep(session: Session): boolean {
  return session.ops.every(({ kind, n }) => kind !== "c" && (kind !== "R" || n === 0));
}

/** One event per line, bytes as in `host-test/vectors`: `\r \n \0 \t \\ \xHH`, runs as `{A*508}`. */
export function write(session: Session): string {
  const policy = POLICIES[session.policy]?.name ?? "";
  const lines = session.ops.map(({ kind, bytes, n }) => {
    if (KINDS[kind] === "none") return kind;
    return `${kind} ${KINDS[kind] === "number" ? n : escape(bytes)}`.trimEnd();
  });
  return [`policy ${policy}`, `server ${session.server}`, ...lines, ""].join("\n");
}

/** @throws Error with the line that cannot be read */
export function read(text: string): Session {
  let policy = -1;
  let server = 0;
  const ops: Op[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const space = line.indexOf(" ");
    const word = space < 0 ? line : line.slice(0, space);
    const rest = space < 0 ? "" : line.slice(space + 1);
    if (word === "policy") policy = POLICIES.findIndex(({ name }) => name === rest);
    else if (word === "server") server = Number(rest);
    else if (!Object.hasOwn(KINDS, word)) throw new Error(`unknown event: ${line}`);
    else if (isBytes(word as Kind)) ops.push(op(word as Kind, unescape(rest)));
    else ops.push(op(word as Kind, NOTHING, Number(rest) || 0));
  }
  if (policy < 0) throw new Error("unknown policy");
  return { policy, server, ops };
}

const NAMED: Record<number, string> = { 0: "\\0", 9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\" };
const LETTERS: Record<string, number> = { "0": 0, t: 9, n: 10, r: 13, "\\": 92 };
/** Runs of at least this length are written in short form. */
const RUN = 12;

export function escape(bytes: Uint8Array): string {
  const out: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] as number;
    let end = at + 1;
    while (bytes[end] === byte) end++;
    const one = escapeByte(byte, end === bytes.length);
    if (end - at >= RUN) out.push(`{${one}*${end - at}}`);
    else for (let i = at; i < end; i++) out.push(one);
    at = end;
  }
  return out.join("");
}

function escapeByte(byte: number, last: boolean): string {
  // A space at the end of a line would not survive an editor; braces mark runs.
  const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x7b && byte !== 0x7d && !(last && byte === 0x20);
  return NAMED[byte] ?? (plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`);
}

const TOKEN = /\{(\\x[0-9a-f]{2}|\\.|[^\\])\*(\d+)\}|\\x[0-9a-f]{2}|\\.|[^\\]/gs;

export function unescape(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const [all, one, count] of text.matchAll(TOKEN)) {
    const byte = unescapeByte(one ?? all);
    for (let left = one === undefined ? 1 : Number(count); left > 0; left--) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

function unescapeByte(one: string): number {
  if (one.startsWith("\\x")) return Number.parseInt(one.slice(2), 16);
  if (!one.startsWith("\\")) return one.charCodeAt(0);
  const byte = LETTERS[one.slice(1)];
  if (byte === undefined) throw new Error(`unknown escape:  ${one}`);
  return byte;
}
