/** What a client does that a protection prevents, and its page's recipe lets through to Postfix. */
import { offence, saidFrom } from "../../support/recipes.js";
import {
  GREETING,
  START,
  MAIL,
  RCPT,
  MESSAGE,
  STRICT,
  WITH_STARTTLS,
  STARTTLS_REFUSED,
  type RelaxCase,
} from "./steps.js";

export const CLIENT_CASES: RelaxCase[] = [
  {
    id: "auth_exchange_violation",
    prevented: STRICT,
    also: { cleartext_auth: "off" },
    altered: [
      ["250-SIZE", "250-AUTH LOGIN\r\n250-SIZE"],
      ["503 5.5.1 Error: authentication not enabled", "334 VXNlcg=="],
    ],
    steps: [
      ...START,
      ["AUTH LOGIN\r\n", "334"],
      [offence("auth_exchange_violation", "Padding amid a response closes the connection in prevent"), "500"],
    ],
    refusal: "",
  },
  {
    id: "bare_newline_in_command",
    prevented: STRICT,
    steps: [
      GREETING,
      [offence("bare_newline_in_command", "LF alone is rejected where lf is prevented (evasion 14)"), "250"],
    ],
    refusal: "501",
    last: true,
  },
  {
    id: "bare_newline_in_data",
    prevented: STRICT,
    steps: [...MESSAGE, [offence("bare_newline_in_data", "A lone CR becomes a blank in prevent"), "250"]],
    refusal: "250",
    content: { prevented: "\r\na b\r\n", relaxed: "\r\na\rb\r\n" },
  },
  {
    id: "bdat_malformed",
    steps: [...START, MAIL, RCPT, [offence("bdat_malformed", "A negative size (evasion 4)", 1), "521"]],
    refusal: "421",
    last: true,
  },
  {
    id: "bdat_sequence",
    prevented: STRICT,
    steps: [
      ...[...START, MAIL, RCPT],
      ["BDAT 5 LAST\r\nhello", "250"],
      [offence("bdat_sequence", "BDAT LAST twice"), "503"],
    ],
    refusal: "421",
    content: { prevented: "\r\nhello\r\n", relaxed: "\r\nhello\r\n" },
  },
  {
    id: "bdat_unannounced",
    altered: [["250 CHUNKING", "250 HELP"]],
    steps: [...START, MAIL, RCPT, ["BDAT 7 LAST\r\nhello\r\n", "250"]],
    refusal: "421",
    content: { relaxed: "\r\nhello\r\n" },
  },
  {
    id: "binary_data_in_command",
    steps: [GREETING, [offence("binary_data_in_command", "An 8-bit argument is refused in prevent"), "500"]],
    refusal: "501",
  },
  {
    id: "command_line_too_long",
    steps: [...START, [offence("command_line_too_long", "A long NOOP is rejected in prevent"), "250"]],
    refusal: "500",
  },
  {
    id: "command_out_of_sequence",
    prevented: STRICT,
    steps: [
      ...START,
      [offence("command_out_of_sequence", "RCPT right after EHLO is rejected in prevent"), "503"],
    ],
    refusal: "503",
  },
  {
    id: "data_before_reply",
    also: { unknown_command: "detect" },
    steps: [
      ...START,
      MAIL,
      ["RCPT TO:<refused@example.test>\r\n", "554"],
      ["DATA\r\nFOO bar\r\n", "554 500"],
    ],
    refusal: "554 421",
  },
  {
    id: "exchange_command",
    steps: [...START, [offence("exchange_command", "X-EXPS in lower case is refused in prevent"), "500"]],
    refusal: "502",
  },
  {
    id: "improper_pipelining",
    steps: [
      GREETING,
      [
        saidFrom("improper_pipelining", "Without PIPECONNECT nobody goes on after EHLO", "EHLO", true),
        "250 250",
      ],
    ],
    refusal: "250 421",
  },
  {
    id: "lax_command_syntax",
    steps: [
      ...START,
      [offence("lax_command_syntax", "A blank before the verb is rejected in prevent (evasion 11)"), "250"],
    ],
    refusal: "501",
  },
  {
    id: "mixed_line_endings",
    prevented: STRICT,
    steps: [...START, [offence("mixed_line_endings", "A client that changes is ended in prevent"), "250"]],
    refusal: "421",
  },
  {
    id: "non_compliant_smtp",
    steps: [
      ...START,
      [offence("non_compliant_smtp", "A line of punctuation ends the session in prevent"), "500"],
    ],
    refusal: "421",
  },
  {
    id: "non_smtp_command",
    steps: [
      ...START,
      [
        offence(
          "non_smtp_command",
          "An HTTP request ends the session, and with it the commands it carries",
          1,
        ),
        "221",
      ],
    ],
    refusal: "421",
    last: true,
  },
  {
    id: "nul_in_data",
    prevented: STRICT,
    steps: [...MESSAGE, [offence("nul_in_data", "A NUL becomes a blank in prevent"), "250"]],
    refusal: "250",
    content: { prevented: "\r\na b\r\n", relaxed: "\r\na\0b\r\n" },
  },
  {
    id: "private_command",
    steps: [...START, [offence("private_command", "A private verb is refused in prevent"), "500"]],
    refusal: "502",
  },
  {
    id: "recipient_no_domain",
    steps: [...START, MAIL, [offence("recipient_no_domain", "A local user is refused in prevent"), "250"]],
    refusal: "550",
  },
  {
    id: "smuggled_end_of_data",
    steps: [
      ...MESSAGE,
      [
        saidFrom(
          "smuggled_end_of_data",
          "LF . LF closes the connection in prevent (evasion 21)",
          "DATA",
          false,
        ),
        "250",
      ],
    ],
    refusal: "",
    content: { relaxed: "\r\na\r\n.\r\nb\r\n" },
  },
  {
    id: "starttls_command",
    prevented: STRICT,
    altered: [[STARTTLS_REFUSED, "220 2.0.0 Ready to start TLS"]],
    also: { unannounced_extension: "detect" },
    steps: [...START, [offence("starttls_command", "A STARTTLS that still comes is refused"), "220"]],
    refusal: "454",
    last: true,
  },
  {
    id: "starttls_injection",
    also: WITH_STARTTLS,
    steps: [
      ...START,
      [
        saidFrom(
          "starttls_injection",
          "RSET after STARTTLS closes the connection in prevent (evasions 23 and 24)",
          "STARTTLS",
          true,
        ),
        "502 250",
      ],
    ],
    refusal: "",
  },
  {
    id: "tls_without_starttls",
    steps: [...START, [offence("tls_without_starttls", "A line that starts like a record"), "221"]],
    refusal: "421",
    last: true,
  },
  {
    id: "too_many_pending",
    limits: { pending_commands: 100 },
    // In strict it would speak first.
    also: { junk_command_flood: "off" },
    steps: [
      ...START,
      [
        saidFrom(
          "too_many_pending",
          "101 commands at a limit of 100 end the session in prevent (evasion 20)",
          "RSET",
          true,
        ),
        Array<string>(101).fill("250").join(" "),
      ],
    ],
    refusal: [...Array<string>(100).fill("250"), "421"].join(" "),
  },
  {
    id: "unknown_command",
    prevented: STRICT,
    steps: [...START, [offence("unknown_command", "An unknown verb is refused in prevent"), "500"]],
    refusal: "502",
  },
];
