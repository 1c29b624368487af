/**
 * Why a protection hit: the `reason` of an event. A closed list of words of ours, never bytes from the wire. Like the
 * catalogue, both `asc` and `tsc` compile this file.
 */
import { Mode, Protection } from "./kinds.ts";

/** Index of a reason in `REASONS`. Each is named `<protection>_<reason>`. */
export const enum Reason {
  none,
  bad_server_greeting_foreign,
  bad_server_greeting_refused,
  malformed_server_greeting_no_reply,
  malformed_server_greeting_mixed_codes,
  malformed_server_greeting_nul,
  malformed_server_greeting_too_long,
  client_talks_first_early_bytes,
  command_line_too_long_too_long,
  command_line_too_long_endless,
  binary_data_in_command_nul,
  binary_data_in_command_control,
  binary_data_in_command_8bit,
  bare_newline_in_command_lf,
  bare_newline_in_command_cr,
  mixed_line_endings_client,
  mixed_line_endings_server,
  non_compliant_smtp_verb,
  non_compliant_smtp_empty,
  non_compliant_smtp_xexch50_size,
  non_compliant_smtp_role_reversal,
  non_compliant_smtp_half_closed,
  non_smtp_command_http_method,
  non_smtp_command_header_line,
  non_smtp_command_ssh_banner,
  non_smtp_command_redis_array,
  private_command_private_verb,
  exchange_command_exchange_verb,
  exchange_command_payload_may_follow,
  unannounced_extension_verb,
  unannounced_extension_parameter,
  lax_command_syntax_leading_blank,
  lax_command_syntax_argument,
  lax_command_syntax_idle_argument,
  lax_command_syntax_tab,
  lax_command_syntax_inner_bracket,
  lax_command_syntax_multiple_blanks,
  lax_command_syntax_colon_blank,
  lax_command_syntax_no_brackets,
  lax_command_syntax_trailing_blank,
  recipient_no_domain_no_domain,
  recipient_no_domain_no_mailbox,
  recipient_no_domain_not_qualified,
  command_out_of_sequence_no_helo,
  command_out_of_sequence_no_mail,
  command_out_of_sequence_no_rcpt,
  command_out_of_sequence_nested_mail,
  command_out_of_sequence_in_transaction,
  command_out_of_sequence_second_auth,
  command_out_of_sequence_between_chunks,
  improper_pipelining_last,
  improper_pipelining_unannounced,
  auth_exchange_violation_not_base64,
  auth_exchange_violation_rounds,
  auth_exchange_violation_mechanism_switch,
  malformed_reply_no_code,
  malformed_reply_control,
  reply_too_long_line,
  reply_too_long_endless,
  reply_code_mismatch_text,
  reply_code_mismatch_mode,
  unsolicited_reply_notice,
  unsolicited_reply_injected,
  unexpected_reply_code_mode,
  unexpected_reply_code_table,
  smuggled_end_of_data_smuggled,
  bare_newline_in_data_lf,
  bare_newline_in_data_cr,
  nul_in_data_nul,
  data_before_reply_refused,
  data_before_reply_refused_basic,
  data_before_reply_early,
  bdat_malformed_size,
  bdat_malformed_over_31_bits,
  bdat_unannounced_no_chunking,
  bdat_sequence_after_last,
  bdat_sequence_data,
  bdat_sequence_binarymime,
  starttls_command_starttls,
  starttls_injection_pipelined,
  starttls_reply_injection_reply,
  starttls_not_tls_client,
  starttls_not_tls_server,
  tls_without_starttls_client_hello,
  too_many_pending_commands,
  too_many_pending_bytes,
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
