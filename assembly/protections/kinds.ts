/** What the rows of the catalogue are made of. Both `asc` and `tsc` compile this file. */

/** Index of a protection in `CATALOGUE` and bit number in every set of protections. */
export const enum Protection {
  bad_server_greeting,
  malformed_server_greeting,
  client_talks_first,
  command_line_too_long,
  binary_data_in_command,
  bare_newline_in_command,
  mixed_line_endings,
  non_compliant_smtp,
  non_smtp_command,
  private_command,
  exchange_command,
  unannounced_extension,
  lax_command_syntax,
  recipient_no_domain,
  command_out_of_sequence,
  improper_pipelining,
  auth_exchange_violation,
  too_many_pending,
  malformed_reply,
  reply_too_long,
  reply_code_mismatch,
  unsolicited_reply,
  unexpected_reply_code,
  smuggled_end_of_data,
  bare_newline_in_data,
  nul_in_data,
  data_before_reply,
  bdat_malformed,
  bdat_unannounced,
  bdat_sequence,
  starttls_command,
  starttls_injection,
  starttls_reply_injection,
  starttls_not_tls,
  tls_without_starttls,
  /** How many there are; at most 64, since sets of them are one `u64`. */
  count,
}

/** What a protection does with a hit. The order is the order of strength: the strongest of several wins. */
export const enum Action {
  detect,
  normalize,
  strip,
  reject,
  terminate,
  /** How many there are. */
  count,
}

/** How a protection is switched in a profile or a policy. */
export const enum Mode {
  off,
  detect,
  prevent,
}

/** One protection. Strings here are literals of ours: they may enter statistics names, logs and replies unescaped. */
export class Entry {
  constructor(
    /** Policy key, statistic label, vector and source file stem. */
    public readonly id: string,
    /** Which part of the session it guards: greeting, commands, arguments, session, replies, data, encryption. */
    public readonly family: string,
    /** Mode in profile `recommended`. */
    public readonly recommended: Mode,
    /** Mode in profile `strict`; `monitor` is always detect. */
    public readonly strict: Mode,
    /** What prevent does unless the policy's `action` says otherwise. */
    public readonly preventAction: Action,
    /** The actions that a policy may choose, as a set of bits `1 << Action`. */
    public readonly allowedActions: i32,
    /** The reply that a rejected command gets: code, enhanced code (RFC 3463). */
    public readonly reply: string,
  ) {}
}

export const REJECT_OR_TERMINATE: i32 = (1 << Action.reject) | (1 << Action.terminate);
export const TERMINATE_ONLY: i32 = 1 << Action.terminate;
export const NORMALIZE_OR_TERMINATE: i32 = (1 << Action.normalize) | (1 << Action.terminate);
