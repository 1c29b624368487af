/** What has happened in a session, for protections that know an order: a set of bits. */
export const enum Fact {
  /** HELO or EHLO was sent and not refused. */
  helo = 1,
  /** MAIL was sent and not refused, and its transaction still runs. */
  mail = 2,
  /** RCPT was sent in this transaction, whatever became of it. */
  rcpt = 4,
  authenticated = 8,
  /** BDAT chunks are open: LAST has not come. */
  chunks = 16,
  /** BDAT LAST was sent, and no MAIL since. */
  last_chunk = 32,
  /** MAIL carried SMTPUTF8. */
  utf8 = 64,
  /** MAIL carried BODY=BINARYMIME. */
  binarymime = 128,
  /** HELO or EHLO was accepted: what the server offers is known. */
  offered = 256,
  /** Line ends that were seen outside content. */
  client_crlf = 512,
  client_lf = 1024,
  server_crlf = 2048,
  server_lf = 4096,
  /** Bytes that came before the awaited reply were judged; once a reply is enough. */
  early_judged = 8192,
  /** A CR or LF that the client sent in data was made CRLF: a dot right after it starts a line. */
  made_line = 16384,
  /** The client cancelled AUTH with "*". */
  cancelled_auth = 32768,
  /** The payload that is being counted is XEXCH50's, which has a reply of its own. */
  payload_has_reply = 65536,
  /** The client ended its stream within a line, which was sent on: whatever follows would be part of it. */
  unended_line = 131072,
  /** The server accepted MAIL: a transaction runs there, whatever a further MAIL gets. */
  mail_accepted = 262144,
  /** The server greeted. */
  greeted = 524288,
  /** The client greeted by LHLO: each recipient has a reply of its own to the data (RFC 2033 4.2). */
  lmtp = 1048576,
  /** Bytes that some server takes for the end of data passed: its reply says that it did. */
  candidate_end = 2097152,
  /** The client sent EHLO before the greeting, or went on after EHLO: its reply says whether it may (Exim PIPECONNECT). */
  early_hello = 4194304,
  /** What it sent came before the greeting. */
  before_greeting = 8388608,
  /** A line came that may have held a credential: the server may repeat it in any reply. */
  secret_seen = 16777216,
  /** Reported once a session: bytes after a command that must be the last of its group, and after one where servers do not mind. */
  pipelined = 33554432,
  pipelined_tolerated = 67108864,
  /** The server is within a reply that is too long to be read in one piece. */
  endless_reply = 134217728,
  /** A line after the DATA that was refused last was reported. */
  refused_reported = 268435456,
  /** The policy's `trusted_sources` name the client: nothing prevents. */
  trusted = 536870912,
  /** X-LINK2STATE FIRST was sent: chunks of a link state may come. */
  link_state = 1073741824,
  /** DATA or a BDAT of this transaction was refused, and counted so. */
  message_refused = -2147483648,
}

/** The facts that end with a transaction. */
export const TRANSACTION_FACTS: u32 =
  Fact.mail | Fact.mail_accepted | Fact.rcpt | Fact.chunks | Fact.last_chunk | Fact.utf8 | Fact.binarymime;
