/** The report on one session: what text, JSON, HTML and the page all show. */

export type Side = "client" | "server";

/** What the client's bytes are taken for; `bdat` is the payload of a BDAT command (RFC 3030). */
export type Mode = "command" | "auth" | "data" | "bdat" | "tls";

/** What the filter found, as its event says it, and where. */
export interface Finding {
  protection: string;
  reason: string;
  mode: string;
  /** `detect`, `reject`, `terminate`, `strip` or `normalize`. */
  action: string;
  phase: string;
  verb: string;
  /** The code that the client is given instead; "" for none. */
  reply: string;
  /** Whose stream holds the bytes that were judged, and which of its bytes: from inclusive, to exclusive. */
  side: Side;
  from: number;
  to: number;
}

/**
 * A line, a message's data or a stretch of TLS that one side said, or that the filter said in its place. Its marks are
 * those of the vectors (host-test/vectors/README.md).
 */
export interface Turn {
  kind: "line" | "data" | "tls";
  /** Whose voice it is. */
  from: Side;
  /** In which it was said. */
  mode: Mode;
  /** Nanoseconds since 1970 of the first byte. */
  timeNs: bigint;
  /** Of the first byte in the side's stream; null for what the filter said. */
  offset: number | null;
  /** The first bytes: all, unless there are more than the report keeps. */
  bytes: Uint8Array;
  size: number;
  /** How many of them reached the other side; for the filter's own words, all. */
  received: number;
  /** Some had to wait in the filter for a reply. */
  held: boolean;
  /** May hold credentials: to be shown masked. */
  secret: boolean;
  /** Bytes that the capture lacks before these. */
  gap: number;
  /**
   * `judged` by the filter; `unsaid` under this policy, since it answers what the filter kept back; or `unjudged`, since
   * what went before it is not known.
   */
  fate: "judged" | "unsaid" | "unjudged";
  findings: Finding[];
}

/** One SMTP session under one policy. */
export interface SessionReport {
  /** From 0: the TCP stream's index in a capture, the number of the case in a transcript. */
  id: number;
  /** What a transcript calls it; "" in a capture. */
  title: string;
  /** "ip:port". */
  client: string;
  server: string;
  startNs: bigint;
  turns: Turn[];
  findings: Finding[];
  /** What each side would have received: its first bytes and how many there are. */
  toServer: Received;
  toClient: Received;
  /** Who ended the session and how; null when the capture does not say. */
  closed: string | null;
  /** Bytes that the capture lacks, of both sides. */
  missing: number;
  /** Why not all was judged; null when all was. */
  incomplete: string | null;
  /** `clean`, `detected`, `prevented` or `terminated`, as the access log has it; "" when nothing was judged. */
  verdict: string;
  /** Turns and findings that were left out because there are more than a report keeps. */
  turnsLeftOut: number;
  findingsLeftOut: number;
}

export interface Received {
  bytes: Uint8Array;
  size: number;
  /** Differs where any byte does, kept or not, but for chance: FNV-1a of 32 bits. */
  check: number;
  /** Which of `bytes` may be credentials, in their order, a line each. */
  secrets: Range[];
}

/** From inclusive, to exclusive. */
export interface Range {
  from: number;
  to: number;
}

/** What is known of a session before its first byte. */
export interface SessionStart {
  id: number;
  title: string;
  client: string;
  server: string;
  startNs: bigint;
}

/** The report on a session in which nothing was said yet. */
export function emptyReport(start: SessionStart): SessionReport {
  return {
    ...start,
    turns: [],
    findings: [],
    toServer: { bytes: new Uint8Array(0), size: 0, check: 0, secrets: [] },
    toClient: { bytes: new Uint8Array(0), size: 0, check: 0, secrets: [] },
    closed: null,
    missing: 0,
    incomplete: null,
    verdict: "",
    turnsLeftOut: 0,
    findingsLeftOut: 0,
  };
}
