/** The report on one session: what text, JSON, HTML and the page all show. */

export type Side = "client" | "server";

/** What the client's bytes are read as; `bdat` is the payload of a BDAT command (RFC 3030). */
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
  /** The reply code that the client gets instead; "" for none. */
  reply: string;
  /** Whose stream has the bytes in question, and which of its bytes: from inclusive, to exclusive. */
  side: Side;
  from: number;
  to: number;
}

/**
 * A line, a message's data or a stretch of TLS that one side said, or that the filter said in its place; or the place
 * where the filter starts TLS with a side, and reads on inside. Its marks are those of the vectors
 * (host-test/vectors/README.md).
 */
export interface Turn {
  kind: "line" | "data" | "tls" | "starttls";
  /** Who speaks; of `starttls` the side that speaks TLS from here on. */
  from: Side;
  /** The mode in which it was said. */
  mode: Mode;
  /** Nanoseconds since 1970 of the first byte. */
  timeNs: bigint;
  /** Of the first byte in the side's stream; null for what the filter itself said. */
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
   * `judged` by the filter; `unsaid`: would not happen under this policy, as it answers what the filter withheld; or
   * `unjudged`: not inspected, as what came before it is not known.
   */
  fate: "judged" | "unsaid" | "unjudged";
  findings: Finding[];
  /** What the policy's shadow would have done otherwise here. */
  shadow: Finding[];
}

/** What the policy's shadow says of a session (envoy/README.md, "Shadow"). */
export interface ShadowReport {
  /** As the access log has it. */
  verdict: string;
  /** How many findings it has in all, those included on which the policy does the same. */
  count: number;
  /** Those on which the two differ: only they have an event of their own. */
  findings: Finding[];
}

/** An event of the filter, as it wrote it, and where its bytes are. */
export interface LoggedEvent {
  message: string;
  finding: Finding;
}

/** One SMTP session under one policy. */
export interface SessionReport {
  /** From 0: the TCP stream's index in a capture, the number of the case in a transcript. */
  id: number;
  /** Its title in a transcript; "" in a capture. */
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
  /** Why the session is incomplete; null when it is complete. */
  incomplete: string | null;
  /** `clean`, `detected`, `prevented` or `terminated`, as the access log has it; "" when nothing was judged. */
  verdict: string;
  /** Turns and findings that were left out: more than a report keeps. */
  turnsLeftOut: number;
  findingsLeftOut: number;
  /** Null when the policy has no shadow. */
  shadow: ShadowReport | null;
  /** The events of all findings that are kept, in the order in which the filter wrote them, the shadow's among them. */
  events: LoggedEvent[];
  /** The record of the session, as the access log has it; "" before its end. */
  record: string;
}

export interface Received {
  bytes: Uint8Array;
  size: number;
  /** Differs if any byte differs, kept or not, except by chance: FNV-1a of 32 bits. */
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

/** The report on a session that has just begun. */
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
    shadow: null,
    events: [],
    record: "",
  };
}
