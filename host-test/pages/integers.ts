/** What the whole numbers of a policy say to people. */

/** Texts of one whole number. */
export interface IntegerAbout {
  readonly summary: string;
  /** Why its default and its range are these. */
  readonly source: string;
}

/** What an integer of the policy means, by its key. @throws Error when it has no text here */
export function aboutInteger(key: string): IntegerAbout {
  const found = TEXTS[key];
  if (found === undefined) throw new Error(`"${key}" has no text in host-test/pages/integers.ts`);
  return found;
}

/** By the keys of `LIMITS` and `EVENTS_PER_SECOND` in assembly/policy/fields.ts. */
const TEXTS: Readonly<Record<string, IntegerAbout>> = {
  command_line_bytes: {
    summary: "Longest command line, CRLF included; a longer one cannot be parsed.",
    source: "RFC 5321 4.5.3.1.4 asks for 512; RFC 4954 4 for 12288 in AUTH; Exim takes 16384",
  },
  reply_bytes: {
    summary: "Longest server reply, all its lines together; a longer one cannot be parsed.",
    source: "RFC 5321 4.5.3.1.5 asks for 512 a line; 65536 is one read window",
  },
  held_bytes: {
    summary: "Most client bytes held until a server reply decides what they are.",
    source:
      "measured: clients that wait for replies, as RFC 5321 4.1.1.4 has it, need under 4096 (captures, Postfix, swaks, nodemailer); one that uses PIPECONNECT and goes on with BDAT, 163840, which is twice what Envoy reads with the buffer limit of envoy/envoy.yaml, and 131072 ends it; blocks double, so that 262144 is next. Half as much would take twice the connections to use up memory_bytes (767 instead of 384) and halve the longest callback of 12 ms",
  },
  pending_commands: {
    summary: "Most commands that may wait for the server's reply.",
    source:
      "RFC 2920 pipelines RCPT without bound; lists of 2000 recipients are real (Postfix smtpd_recipient_limit is 1000, and 1000 over)",
  },
  close_deadline_ms: {
    summary: "How long a terminated session may take to end by itself, in milliseconds.",
    source: "one tick at least; RFC 5321 4.5.3.2 has no client wait less than 60 s for what matters",
  },
  memory_bytes: {
    summary: "Most memory that all connections of a worker may hold together, in bytes.",
    source:
      "half of the 256 MiB that the module may have: growing a block takes the old one and the new one, and running out would end every connection",
  },
  rejected_commands: {
    summary: "Commands of one session that are rejected before the next one ends it with 421.",
    source:
      "the server cannot count what it never gets: Postfix ends a session after 20 errors (smtpd_hard_error_limit), Exim after 3 to 10; five times Postfix's leaves room for a list with bad recipients",
  },
  greeting_timeout_ms: {
    summary: "How long the server may take to greet, in milliseconds; 0: no limit.",
    source:
      "RFC 5321 4.5.3.2.1 asks for 300000 at least; off, since the server and Envoy have limits of their own",
  },
  command_timeout_ms: {
    summary: "How long the client may take for its next command, in milliseconds; 0: no limit.",
    source:
      "RFC 5321 4.5.3.2.7 asks for 300000 at least; off, since Envoy cannot tell a client that says nothing from one that waits",
  },
  reply_timeout_ms: {
    summary: "How long the server may take to reply to a command, in milliseconds; 0: no limit.",
    source: "RFC 5321 4.5.3.2.2 and 4.5.3.2.3 ask for 300000 at least",
  },
  data_reply_timeout_ms: {
    summary: "How long the server may take to reply to DATA, in milliseconds; 0: no limit.",
    source: "RFC 5321 4.5.3.2.4 asks for 120000 at least",
  },
  data_block_timeout_ms: {
    summary: "How long the client may take for the next piece of message data, in milliseconds; 0: no limit.",
    source: "RFC 5321 4.5.3.2.5 asks for 180000 at least",
  },
  end_of_data_timeout_ms: {
    summary: "How long the server may take to reply to the end of data, in milliseconds; 0: no limit.",
    source: "RFC 5321 4.5.3.2.6 asks for 600000 at least; a shorter one doubles mail",
  },
  max_per_second: {
    summary: "Most events that one worker logs in a second; the rest is counted.",
    source: "0 logs none; a log line costs Envoy's logger a lock and a write",
  },
};
