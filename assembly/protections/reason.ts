/**
 * Why a protection hit: the `reason` of an event. A closed list of words of ours, never bytes from the wire. Like the
 * catalogue, both `asc` and `tsc` compile this file.
 */
import { Mode, Protection } from "./kinds.ts";

/** Index of a reason in `REASONS`. Names are those of the table, with the protection's in front where they collide. */
export const enum Reason {
  none,
  greeting_foreign,
  greeting_refused,
  greeting_no_reply,
  greeting_mixed_codes,
  greeting_nul,
  greeting_too_long,
  early_bytes,
  line_too_long,
  line_endless,
  binary_nul,
  binary_control,
  binary_8bit,
  bare_lf,
  bare_cr,
  mixed_client,
  mixed_server,
  not_a_verb,
  empty_line,
  xexch50_size,
  role_reversal,
  half_closed,
  http_method,
  header_line,
  ssh_banner,
  redis_array,
  private_verb,
  exchange_verb,
  payload_may_follow,
  unannounced_verb,
  unannounced_parameter,
  leading_blank,
  extra_argument,
  idle_argument,
  tab,
  inner_bracket,
  multiple_blanks,
  colon_blank,
  no_brackets,
  trailing_blank,
  no_domain,
  no_mailbox,
  not_qualified,
  no_helo,
  no_mail,
  no_rcpt,
  nested_mail,
  in_transaction,
  second_auth,
  between_chunks,
  behind_last,
  pipelining_unannounced,
  not_base64,
  too_many_rounds,
  mechanism_switch,
  malformed_no_code,
  malformed_control,
  long_reply_line,
  endless_reply,
  mismatch_text,
  mismatch_mode,
  notice,
  injected_reply,
  unexpected_mode,
  unexpected_table,
  smuggled,
  data_lf,
  data_cr,
  data_nul,
  data_refused,
  data_refused_basic,
  data_early,
  bdat_size,
  bdat_over_31_bits,
  bdat_no_chunking,
  bdat_after_last,
  data_after_bdat,
  binarymime_data,
  starttls,
  starttls_pipelined,
  starttls_reply,
  not_tls_client,
  not_tls_server,
  tls_hello,
  pending_commands,
  pending_bytes,
  count,
}

/** One reason of one protection. */
export class ReasonEntry {
  constructor(
    public readonly id: string,
    public readonly protection: Protection,
    /** The strongest mode that this reason takes in profile `recommended`, however strong its protection's is. */
    public readonly recommended: Mode,
    /** The same in profile `strict`. */
    public readonly strict: Mode,
  ) {}
}

function always(id: string, protection: Protection): ReasonEntry {
  return new ReasonEntry(id, protection, Mode.prevent, Mode.prevent);
}

/** A reason that is only told, because what it names is also done by the honest. */
function told(id: string, protection: Protection): ReasonEntry {
  return new ReasonEntry(id, protection, Mode.detect, Mode.detect);
}

/** A reason that is told in `recommended` and prevented in `strict`. */
function eased(id: string, protection: Protection): ReasonEntry {
  return new ReasonEntry(id, protection, Mode.detect, Mode.prevent);
}

/** A reason that is off in `recommended`, because it is common and harmless, and prevented in `strict`. */
function strictly(id: string, protection: Protection): ReasonEntry {
  return new ReasonEntry(id, protection, Mode.off, Mode.prevent);
}

/** A reason that is off until a policy's `reasons` turn it on. */
function unasked(id: string, protection: Protection): ReasonEntry {
  return new ReasonEntry(id, protection, Mode.off, Mode.off);
}

/** All reasons, in the order of `Reason`. */
export const REASONS: ReasonEntry[] = [
  unasked("", Protection.non_compliant_smtp),
  always("foreign", Protection.bad_server_greeting),
  told("refused", Protection.bad_server_greeting),
  always("no_reply", Protection.malformed_server_greeting),
  always("mixed_codes", Protection.malformed_server_greeting),
  always("nul", Protection.malformed_server_greeting),
  always("too_long", Protection.malformed_server_greeting),
  always("early_bytes", Protection.client_talks_first),
  always("too_long", Protection.command_line_too_long),
  always("endless", Protection.command_line_too_long),
  always("nul", Protection.binary_data_in_command),
  always("control", Protection.binary_data_in_command),
  always("8bit", Protection.binary_data_in_command),
  eased("lf", Protection.bare_newline_in_command),
  always("cr", Protection.bare_newline_in_command),
  always("client", Protection.mixed_line_endings),
  always("server", Protection.mixed_line_endings),
  always("verb", Protection.non_compliant_smtp),
  always("empty", Protection.non_compliant_smtp),
  always("xexch50_size", Protection.non_compliant_smtp),
  always("role_reversal", Protection.non_compliant_smtp),
  always("half_closed", Protection.non_compliant_smtp),
  always("http_method", Protection.non_smtp_command),
  always("header_line", Protection.non_smtp_command),
  always("ssh_banner", Protection.non_smtp_command),
  always("redis_array", Protection.non_smtp_command),
  always("private_verb", Protection.private_command),
  always("exchange_verb", Protection.exchange_command),
  always("payload_may_follow", Protection.exchange_command),
  always("verb", Protection.unannounced_extension),
  always("parameter", Protection.unannounced_extension),
  always("leading_blank", Protection.lax_command_syntax),
  always("argument", Protection.lax_command_syntax),
  strictly("idle_argument", Protection.lax_command_syntax),
  eased("tab", Protection.lax_command_syntax),
  eased("inner_bracket", Protection.lax_command_syntax),
  strictly("multiple_blanks", Protection.lax_command_syntax),
  strictly("colon_blank", Protection.lax_command_syntax),
  strictly("no_brackets", Protection.lax_command_syntax),
  unasked("trailing_blank", Protection.lax_command_syntax),
  always("no_domain", Protection.recipient_no_domain),
  always("no_mailbox", Protection.recipient_no_domain),
  always("not_qualified", Protection.recipient_no_domain),
  always("no_helo", Protection.command_out_of_sequence),
  always("no_mail", Protection.command_out_of_sequence),
  always("no_rcpt", Protection.command_out_of_sequence),
  always("nested_mail", Protection.command_out_of_sequence),
  always("in_transaction", Protection.command_out_of_sequence),
  always("second_auth", Protection.command_out_of_sequence),
  always("between_chunks", Protection.command_out_of_sequence),
  always("last", Protection.improper_pipelining),
  always("unannounced", Protection.improper_pipelining),
  always("not_base64", Protection.auth_exchange_violation),
  always("rounds", Protection.auth_exchange_violation),
  always("mechanism_switch", Protection.auth_exchange_violation),
  always("no_code", Protection.malformed_reply),
  always("control", Protection.malformed_reply),
  told("line", Protection.reply_too_long),
  always("endless", Protection.reply_too_long),
  eased("text", Protection.reply_code_mismatch),
  always("mode", Protection.reply_code_mismatch),
  told("notice", Protection.unsolicited_reply),
  always("injected", Protection.unsolicited_reply),
  always("mode", Protection.unexpected_reply_code),
  unasked("table", Protection.unexpected_reply_code),
  always("smuggled", Protection.smuggled_end_of_data),
  always("lf", Protection.bare_newline_in_data),
  always("cr", Protection.bare_newline_in_data),
  always("nul", Protection.nul_in_data),
  always("refused", Protection.data_before_reply),
  told("refused_basic", Protection.data_before_reply),
  told("early", Protection.data_before_reply),
  always("size", Protection.bdat_malformed),
  always("over_31_bits", Protection.bdat_malformed),
  always("no_chunking", Protection.bdat_unannounced),
  always("after_last", Protection.bdat_sequence),
  always("data", Protection.bdat_sequence),
  always("binarymime", Protection.bdat_sequence),
  always("starttls", Protection.starttls_command),
  always("pipelined", Protection.starttls_injection),
  always("reply", Protection.starttls_reply_injection),
  always("client", Protection.starttls_not_tls),
  always("server", Protection.starttls_not_tls),
  always("client_hello", Protection.tls_without_starttls),
  always("commands", Protection.too_many_pending),
  always("bytes", Protection.too_many_pending),
];

/** The word for `reason`. */
export function reasonName(reason: Reason): string {
  return (REASONS[reason] as ReasonEntry).id;
}
