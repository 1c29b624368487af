/** What a program that tests its policy writes and reads; these types import nothing, so that they compile anywhere. */

/** Who speaks: the client is the mail server or program that connects, the server is what Envoy protects. */
export type Side = "client" | "server";

/** What a policy says of a protection. */
export type Mode = "off" | "detect" | "prevent";

/** What the filter did about a finding. */
export type Action = "detect" | "reject" | "terminate" | "strip" | "normalize";

/** The strongest thing that happened to a session, as Envoy's access log has it. */
export type Verdict = "clean" | "detected" | "prevented" | "terminated";

/** A policy; README, "The policy", and `smtp-inspector/policy.schema.json` have every key. */
export interface Policy {
  stat_prefix?: string;
  profile?: "monitor" | "recommended" | "strict" | "submission";
  protections?: Record<string, Mode | { mode?: Mode; action?: Action; [option: string]: unknown }>;
  limits?: Record<string, number>;
  exempt_sources?: string[];
  trusted_sources?: string[];
  [key: string]: unknown;
}

/** A finding, as the filter writes it to Envoy's log (README, "Events"); the fields without `?` are always there. */
export interface FindingEvent {
  event_type: "alert";
  /** RFC 3339, with microseconds. */
  timestamp: string;
  /** The protection's id, such as "private_command". */
  protection: string;
  /** Which of its reasons, such as "private_verb". */
  reason: string;
  mode: "detect" | "prevent";
  action: Action;
  src_ip?: string;
  src_port?: number;
  phase?: string;
  /** The command's verb in upper case. */
  verb?: string;
  /** The bytes in question, 64 at most; credentials are masked. */
  excerpt?: string;
  /** The codes that the client gets instead, such as "502 5.5.1". */
  reply?: string;
  /** `rcpt_to` has the latest recipient. */
  smtp?: { helo?: string; mail_from?: string; rcpt_to?: string[] };
  [field: string]: unknown;
}

/** All bytes that one side got. */
export interface Got {
  bytes: Uint8Array;
  /** The same, one character a byte: "\u00e9" is the byte E9. */
  text: string;
}

/** What became of a session under the policy. */
export interface Session {
  /** Its heading in a Markdown transcript; else "". */
  title: string;
  verdict: Verdict;
  /** In the order in which the filter reported them; all of them, whatever `events` of the policy says. */
  findings: FindingEvent[];
  /** What only the policy's `shadow` would have done. */
  shadow: FindingEvent[];
  /** What the server got, with the filter's own commands (NOOP, QUIT). */
  server: Got;
  /** What the client got, with the filter's own replies. */
  client: Got;
  /** Who ended it, such as "the filter closed the connection"; null while nobody did. */
  closed: string | null;
  /** Why not all of it could be judged; null when all was. */
  incomplete: string | null;
  /** The session as `smtp-inspector replay` shows it: each line with its mark, each finding below its line. */
  report: string;
}

/** Who is connected; the addresses matter to `exempt_sources`, `trusted_sources` and `source_abuse`. */
export interface Ends {
  /** "192.0.2.10:40000" (default) or "[2001:db8::1]:40000". */
  client?: string;
  /** Default "192.0.2.25:25". */
  server?: string;
}

/**
 * A session in which the caller speaks for both sides, in the order in which it happens. The server need not answer
 * the filter's own commands (NOOP, QUIT): that is done for it. Text is sent in UTF-8 and as it stands: end lines with "\r\n".
 */
export interface Conversation {
  /** The client sends this. */
  client(said: string | Uint8Array): this;
  /** The server sends this. */
  server(said: string | Uint8Array): this;
  /** One side ends its stream. */
  ends(side: Side): this;
  /** Time passes, for the limits of the policy; nothing waits for it. @param seconds 0 to 86,400 */
  wait(seconds: number): this;
  /** The bytes that each side has got so far, and what was found so far. */
  readonly soFar: Pick<Session, "server" | "client" | "findings" | "shadow">;
  /** Ends both streams. It may be called once. */
  finish(): Session;
}
