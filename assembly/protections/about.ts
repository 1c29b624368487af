/**
 * What the catalogue says to people: one sentence for an operator, and where the rule comes from. `tsc` alone compiles
 * this file: inside the module, where nobody reads them, these texts were an eighth of its bytes.
 */
export class About {
  constructor(
    /** Id of the protection. */
    public readonly id: string,
    /** One sentence for an operator. */
    public readonly summary: string,
    /** Where the rule comes from. */
    public readonly source: string,
  ) {}
}

/** One for each row of the catalogue, in its order. */
export const ABOUT: About[] = [
  new About(
    "bad_server_greeting",
    "The server opens with a well-formed reply that is not 220: no SMTP service, or a refusal.",
    "Check Point SBP-2010-06; RFC 5321 3.1; Suricata smtp.invalid_reply",
  ),
  new About(
    "malformed_server_greeting",
    "The server opens with something that is not an SMTP reply at all.",
    "Check Point SBP-2010-06; RFC 5321 4.2; Zeek dpd.sig",
  ),
  new About(
    "client_talks_first",
    "The client sends before the server's greeting is complete.",
    "RFC 5321 4.3.1; Postfix postscreen pregreet; Exim smtp_enforce_sync; Suricata smtp.no_server_welcome_message",
  ),
  new About(
    "command_line_too_long",
    "A command line is longer than its verb can need.",
    "RFC 5321 4.5.3.1.4; Snort 3 124:1, 124:4, 124:15; Cisco ASA cmd line length",
  ),
  new About(
    "binary_data_in_command",
    "A command line holds NUL, control or 8-bit bytes where SMTP allows none.",
    "Check Point SBP-2010-06; RFC 5321 4.1.2; RFC 6531 3.1; Zeek NUL_in_line",
  ),
  new About(
    "bare_newline_in_command",
    "A command line ends without CR, or holds a CR that ends nothing.",
    "RFC 5321 2.3.8; Postfix postscreen_bare_newline; Snort 3 124:18",
  ),
  new About(
    "mixed_line_endings",
    "One side ends some of its lines with LF alone and others with CRLF.",
    "RFC 5321 2.3.8; Snort 3 124:18",
  ),
  new About(
    "non_compliant_smtp",
    "The session cannot be parsed as SMTP, so it cannot be inspected.",
    "Check Point SBP-2010-06; RFC 5321 4.1.1; Postfix smtpd_forbidden_commands",
  ),
  new About(
    "non_smtp_command",
    "Another protocol is spoken: an HTTP request, a header line, SSH, Redis.",
    "Postfix smtpd_forbidden_commands, postscreen_non_smtp_command; Zeek http/connect-with-smtp",
  ),
  new About(
    "private_command",
    "A verb that starts with X: private to two parties who agreed on it.",
    "Check Point SBP-2010-06; RFC 5321 4.1.5; Cisco ASA inspect esmtp; Sun XADR",
  ),
  new About(
    "exchange_command",
    "A verb that only two Microsoft Exchange servers have use for: XEXCH50, X-LINK2STATE, X-EXPS and kin.",
    "Check Point SBP-2010-06; CVE-2003-0714; CVE-2005-0560; Snort 3 smtp_xlink2state.cc",
  ),
  new About(
    "unannounced_extension",
    "The client uses an extension that the server's EHLO reply did not offer.",
    "RFC 5321 4.1.1.1; Clavister unsupported_extension",
  ),
  new About(
    "lax_command_syntax",
    "A spelling of a command that some servers accept and others do not.",
    "RFC 5321 3.3, 4.1.1; Postfix smtpd lexer; Snort 3 smtp_paf.cc",
  ),
  new About(
    "recipient_no_domain",
    "RCPT names a recipient without a domain, whatever spelling hides that.",
    "Check Point SBP-2010-06; RFC 5321 2.3.5, 4.1.2; Postfix reject_non_fqdn_recipient",
  ),
  new About(
    "command_out_of_sequence",
    "A command comes where the session has no place for it.",
    "RFC 5321 4.1.4; Zeek smtp_mail_transaction_invalid; Suricata smtp.duplicate_fields",
  ),
  new About(
    "improper_pipelining",
    "The client does not wait for the reply to a command behind which it must.",
    "RFC 2920 3.1; Postfix smtpd_forbid_unauth_pipelining; Exim smtp_enforce_sync",
  ),
  new About(
    "auth_exchange_violation",
    "A line inside an AUTH exchange is no response, or the exchange does not end.",
    "RFC 4954 4; Snort 3 124:14, 124:15",
  ),
  new About(
    "too_many_pending",
    "More commands or bytes wait for the server's replies than a session can need.",
    "Zeek smtp_excessive_pending_cmds",
  ),
  new About(
    "malformed_reply",
    "A line of the server is no reply line.",
    "RFC 5321 4.2; Suricata smtp.invalid_reply; Zeek smtp_unexpected",
  ),
  new About(
    "reply_too_long",
    "A reply is longer than a client can be expected to take.",
    "RFC 5321 4.5.3.1.5; Snort 3 124:3",
  ),
  new About(
    "reply_code_mismatch",
    "The lines of one reply carry different codes.",
    "RFC 5321 4.2.1; Zeek smtp_unexpected",
  ),
  new About("unsolicited_reply", "The server replies to nothing.", "RFC 5321 4.2; Zeek unexpected reply"),
  new About(
    "unexpected_reply_code",
    "A reply opens a mode that its command cannot open.",
    "RFC 5321 4.3.2; CVE-2000-1022; Suricata bug 6906; Zeek SMTP.cc",
  ),
  new About(
    "smuggled_end_of_data",
    "Something in the data ends the message for one server and not for another.",
    "CVE-2023-51764; CVE-2023-51765; CVE-2023-51766; RFC 5321 4.1.1.4",
  ),
  new About(
    "bare_newline_in_data",
    "The data holds LF without CR, or CR without LF.",
    "RFC 5321 2.3.8; Postfix smtpd_forbid_bare_newline",
  ),
  new About("nul_in_data", "The data holds a NUL.", "RFC 5321 4.5.2; Zeek NUL_in_line"),
  new About(
    "data_before_reply",
    "The client sends on behind DATA before the server has answered it.",
    "RFC 2920 3.1; CVE-2000-1022; Suricata bug 6906",
  ),
  new About(
    "bdat_malformed",
    "BDAT whose size cannot be read: what follows is payload of unknown length.",
    "RFC 3030 2; Suricata smtp.invalid_bdat; Zeek smtp_invalid_bdat_command; Postfix 521",
  ),
  new About(
    "bdat_unannounced",
    "BDAT to a server that did not offer CHUNKING: it reads the payload as commands.",
    "RFC 3030 2",
  ),
  new About(
    "bdat_sequence",
    "BDAT and DATA in an order that servers read differently.",
    "RFC 3030 2; Zeek smtp_missing_bdat_last_chunk",
  ),
  new About(
    "starttls_command",
    "STARTTLS: behind it nothing can be inspected.",
    "Check Point SBP-2010-06; RFC 3207; Cisco ASA allow-tls",
  ),
  new About(
    "starttls_injection",
    "The client sends behind STARTTLS before the reply: a server may run it inside TLS.",
    "CVE-2011-0411; Snort 3 124:17; NO STARTTLS, USENIX Security 2021",
  ),
  new About(
    "starttls_reply_injection",
    "The server sends behind its 220 to STARTTLS: a client may take it as said inside TLS.",
    "NO STARTTLS, USENIX Security 2021",
  ),
  new About(
    "starttls_not_tls",
    "What follows an accepted STARTTLS is no TLS handshake.",
    "RFC 3207 4; RFC 8446 5.1; Suricata smtp.failed_protocol_change",
  ),
  new About(
    "tls_without_starttls",
    "The client speaks TLS where nothing asked for it.",
    "RFC 8446 5.1; Suricata smtp-tls-protodetect",
  ),
];
