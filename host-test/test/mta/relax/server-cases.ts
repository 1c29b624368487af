/** What a server does that a protection prevents, and its page's recipe lets through to the client. */
import {
  GREETING,
  START,
  MAIL,
  STRICT,
  WITH_STARTTLS,
  STARTTLS_REFUSED,
  OK,
  type RelaxCase,
} from "./steps.js";

export const SERVER_CASES: RelaxCase[] = [
  {
    id: "bad_server_greeting",
    altered: [["220 mx.example.test ESMTP", "250 mail ESMTP"]],
    steps: [["", "250"]],
    refusal: "554",
  },
  {
    id: "ehlo_reply_masked",
    prevented: STRICT,
    altered: [["250-VRFY", "250-XXXXA"]],
    steps: [GREETING, ["EHLO client.example.org\r\n", "250"]],
    refusal: "421",
  },
  {
    id: "malformed_reply",
    prevented: STRICT,
    altered: [[OK, "250 o\0k"]],
    steps: [...START, ["NOOP\r\n", "250"]],
    refusal: "421",
  },
  {
    id: "malformed_server_greeting",
    altered: [["220 mx.example.test", "220-mx.example.test\r\n250 mx.example.test"]],
    steps: [GREETING],
    refusal: "554",
  },
  {
    id: "reply_code_mismatch",
    prevented: STRICT,
    altered: [[OK, "250-a\r\n550 b"]],
    steps: [...START, ["NOOP\r\n", "250"]],
    refusal: "421",
  },
  {
    id: "reply_too_long",
    altered: [[OK, `250 ${"A".repeat(9000)}`]],
    steps: [...START, ["NOOP\r\n", "250"]],
    refusal: "421",
  },
  {
    id: "starttls_not_tls",
    altered: [[STARTTLS_REFUSED, "220 2.0.0 Ready to start TLS"]],
    also: WITH_STARTTLS,
    steps: [...START, ["STARTTLS\r\n", "220"], ["\x16\x03\x01\x00\x06\x01\x00\x00\x02\x03\x03\r\n", "221"]],
    refusal: "",
    last: true,
  },
  {
    id: "starttls_reply_injection",
    altered: [[STARTTLS_REFUSED, "220 2.0.0 Ready to start TLS\r\n250 x"]],
    also: WITH_STARTTLS,
    steps: [...START, ["STARTTLS\r\n", "220 250"]],
    refusal: "220",
    last: true,
  },
  {
    id: "unexpected_reply_code",
    altered: [["250 2.1.0 Ok", "354 go"]],
    steps: [...START, [MAIL[0], "354"]],
    refusal: "421",
  },
  {
    id: "unsolicited_reply",
    altered: [["220 mx.example.test ESMTP Postfix", "220 mx.example.test ESMTP Postfix\r\n250 ok"]],
    steps: [["", "220 250"]],
    refusal: "220 421",
  },
];
