/** What the fields of a policy say to people; `tsc` alone compiles this file, as it does `protections/about.ts`. */

/** Texts of one whole number. */
export class IntegerAbout {
  constructor(
    public readonly key: string,
    public readonly summary: string,
    /** Why its default and its range are these. */
    public readonly source: string,
  ) {}
}

/** One for each of `LIMITS` and for `EVENTS_PER_SECOND`. */
export const INTEGERS_ABOUT: IntegerAbout[] = [
  new IntegerAbout(
    "command_line_bytes",
    "Longest command line, CRLF included; a longer one cannot be parsed.",
    "RFC 5321 4.5.3.1.4 asks for 512; RFC 4954 4 for 12288 in AUTH; Exim takes 16384",
  ),
  new IntegerAbout(
    "reply_bytes",
    "Longest server reply, all its lines together; a longer one cannot be parsed.",
    "RFC 5321 4.5.3.1.5 asks for 512 a line; 65536 is one read window",
  ),
  new IntegerAbout(
    "held_bytes",
    "Most client bytes kept back while a server reply decides what they are.",
    "four read windows of 65536; a client that waits for replies, as RFC 5321 4.1.1.4 has it, needs none",
  ),
  new IntegerAbout(
    "pending_commands",
    "Most commands sent to the server without its reply.",
    "RFC 2920 pipelines RCPT without bound; lists of 2000 recipients are real (Postfix smtpd_recipient_limit is 1000, and 1000 over)",
  ),
  new IntegerAbout(
    "close_deadline_ms",
    "How long a terminated session may take to end by itself, in milliseconds.",
    "one tick at least; RFC 5321 4.5.3.2 has no client wait less than 60 s for what matters",
  ),
  new IntegerAbout(
    "memory_bytes",
    "Most memory that all connections of a worker may hold together; who asks for more is disconnected.",
    "half of the 256 MiB that the module may have: growing a block needs the old and the new one, and a trap ends every connection",
  ),
  new IntegerAbout(
    "max_per_second",
    "Most events that one worker logs in a second; the rest is counted.",
    "0 logs none; a log line costs Envoy's logger a lock and a write",
  ),
];

/** Text of one option that a protection has for itself. */
export class OptionAbout {
  constructor(
    /** Id of the protection. */
    public readonly protection: string,
    public readonly key: string,
    public readonly summary: string,
  ) {}
}

/** One for each of `OPTIONS`. */
export const OPTIONS_ABOUT: OptionAbout[] = [
  new OptionAbout("exchange_command", "allow", "Exchange verbs to let through."),
  new OptionAbout(
    "exchange_command",
    "extended",
    "Also the verbs of later Exchange servers, beyond those that Check Point names.",
  ),
  new OptionAbout("private_command", "allow", "Private verbs to let through."),
  new OptionAbout(
    "recipient_no_domain",
    "require_fqdn",
    "Also hit on a domain without a dot, which is no fully qualified name (RFC 5321 2.3.5).",
  ),
  new OptionAbout("non_compliant_smtp", "empty_line", "Also hit on a line that is only CRLF."),
];
