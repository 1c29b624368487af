/**
 * What a policy may say beside mode, action and exempt_sources: names, ranges, defaults. The filter and the schema
 * read the same rows, as they do those of `protections/catalogue.ts`; like it, both `asc` and `tsc` compile this file.
 */

/** A whole number in the policy. */
export class IntegerField {
  constructor(
    public readonly key: string,
    public readonly summary: string,
    /** Value where the policy says nothing. */
    public readonly initial: i32,
    public readonly least: i32,
    public readonly most: i32,
    /** Why these numbers. */
    public readonly source: string,
  ) {}
}

/** Index into `LIMITS`. */
export const enum Limit {
  command_line_bytes,
  reply_bytes,
  held_bytes,
  pending_commands,
  close_deadline_ms,
}

/** Key "limits", in the order of `Limit`. */
export const LIMITS: IntegerField[] = [
  new IntegerField(
    "command_line_bytes",
    "Longest command line, CRLF included; a longer one cannot be parsed.",
    16384,
    512,
    16384,
    "RFC 5321 4.5.3.1.4 asks for 512; RFC 4954 4 for 12288 in AUTH; Exim takes 16384",
  ),
  new IntegerField(
    "reply_bytes",
    "Longest server reply, all its lines together; a longer one cannot be parsed.",
    65536,
    512,
    65536,
    "RFC 5321 4.5.3.1.5 asks for 512 a line; 65536 is one read window",
  ),
  new IntegerField(
    "held_bytes",
    "Most client bytes kept back while a server reply decides what they are.",
    262144,
    4096,
    262144,
    "four read windows of 65536; a client that waits for replies, as RFC 5321 4.1.1.4 has it, needs none",
  ),
  new IntegerField(
    "pending_commands",
    "Most commands sent to the server without its reply.",
    4096,
    100,
    4096,
    "RFC 2920 pipelines RCPT without bound; lists of 2000 recipients are real (Postfix smtpd_recipient_limit is 1000, and 1000 over)",
  ),
  new IntegerField(
    "close_deadline_ms",
    "How long a terminated session may take to end by itself, in milliseconds.",
    5000,
    1000,
    60000,
    "one tick at least; RFC 5321 4.5.3.2 has no client wait less than 60 s for what matters",
  ),
];

/** Key "max_per_second" of "events". */
export const EVENTS_PER_SECOND: IntegerField = new IntegerField(
  "max_per_second",
  "Most events that one worker logs in a second; the rest is counted.",
  100,
  0,
  10000,
  "0 logs none; a log line costs Envoy's logger a lock and a write",
);

/** Words of key "profile", in the order of `Profile`. */
export const PROFILES: string[] = ["monitor", "recommended", "strict"];

/** Words of key "excerpt" of "events", in the order of `Excerpt`. */
export const EXCERPTS: string[] = ["masked", "full", "none"];

/** Kind of an own option's value. */
export const enum OptionKind {
  flag,
  verbs,
}

/** An option that one protection has for itself. */
export class OptionField {
  constructor(
    /** Id of the protection. */
    public readonly protection: string,
    public readonly key: string,
    public readonly kind: OptionKind,
    /** Value of a flag where the policy says nothing; lists are empty then. */
    public readonly initial: boolean,
    public readonly summary: string,
  ) {}
}

/** Index into `OPTIONS`. */
export const enum Option {
  exchange_allow,
  exchange_extended,
  private_allow,
  require_fqdn,
  empty_line,
}

/** Own options, in the order of `Option`. */
export const OPTIONS: OptionField[] = [
  new OptionField("exchange_command", "allow", OptionKind.verbs, false, "Exchange verbs to let through."),
  new OptionField(
    "exchange_command",
    "extended",
    OptionKind.flag,
    true,
    "Also the verbs of later Exchange servers, beyond those that Check Point names.",
  ),
  new OptionField("private_command", "allow", OptionKind.verbs, false, "Private verbs to let through."),
  new OptionField(
    "recipient_no_domain",
    "require_fqdn",
    OptionKind.flag,
    false,
    "Also hit on a domain without a dot, which is no fully qualified name (RFC 5321 2.3.5).",
  ),
  new OptionField(
    "non_compliant_smtp",
    "empty_line",
    OptionKind.flag,
    false,
    "Also hit on a line that is only CRLF.",
  ),
];

/** Longest "stat_prefix"; Envoy sets no bound, this one keeps a statistic name in one log line. */
export const STAT_PREFIX_LENGTH: i32 = 64;

/** Longest verb in a list: RFC 5321 4.1.1 sets none, 4.5.3.1.4 leaves 510 for the line; Exchange's longest has 12. */
export const VERB_LENGTH: i32 = 64;

/** Most verbs in a list, which is searched from end to end for each command that its protection hits. */
export const VERBS_MOST: i32 = 64;

/** Most networks in a list, which is searched from end to end once a connection. */
export const NETWORKS_MOST: i32 = 256;

/** Longest policy: what one read window of the filter holds. */
export const POLICY_BYTES: i32 = 65536;
