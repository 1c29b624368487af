/** Sessions that every run starts with: one for each mode of the filter, under several policies. */
import type { Session } from "./session.js";
import { read } from "./session.js";

const GREETED = String.raw`S 220 mx ESMTP\r\n
C EHLO client.example\r\n
`;

const WALKS: readonly string[] = [
  String.raw`C MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n
C Subject: x\r\n\r\nbody\r\n.\r\n
C QUIT\r\n`,
  String.raw`C MAIL FROM:<a@example.org>\r\n
C RCPT TO:<b@example.org>\r\n
C BDAT 5\r\nabcdeBDAT 3 LAST\r\nabc
C QUIT\r\n`,
  String.raw`C AUTH LOGIN\r\n
C YQ==\r\n
C Yg==\r\n
C RSET\r\n`,
  String.raw`C STARTTLS\r\n
C \x16\x03\x01\0\x05\x01\0\0\x01\0`,
  String.raw`C XEXCH50 4 2\r\n
C abcd
C X-EXPS NTLM\r\n
C YQ==\r\n`,
  String.raw`C MAIL FROM:<a@example.org>\r\nXADR\r\nRCPT TO:<root>\r\n
C RSET\r\n
C.`,
  String.raw`C XCLIENT NAME=a\r\n
A 421 bye\r\n
C NOOP x\r\n
T 6000`,
  String.raw`C MAIL FROM:<\xc3\xa9@example.org> SMTPUTF8\r\n
C RCPT TO:<\xe2\x82\xac@\xf0\x9f\x98\x80.example>\r\n
C VRFY \xc3\xa9 SMTPUTF8\r\n`,
  // More than the policies with small limits hold, after a command whose reply decides what it is.
  String.raw`c AUTH LOGIN\r\n
c {a*4000}\r\n
c {a*200}\r\n
R 0`,
  String.raw`c STARTTLS\r\n{a*5000}
R 0`,
  String.raw`A 250 2.0.0 yours\r\n
C ATRN example.org\r\n
C 220 mx ESMTP\r\n`,
];

/** What a client must not use with a server that offers little. */
const UNANNOUNCED = String.raw`C MAIL FROM:<a@example.org> BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=x AUTH=<>\r\n
C RSET\r\nMAIL FROM:<a@example.org> BODY=BINARYMIME SIZE=1\r\nRCPT TO:<b@example.org> NOTIFY=NEVER ORCPT=rfc822;b\r\n
C AUTH CRAM-MD5\r\n
C BDAT 1\r\naSTARTTLS\r\n`;

/** TLS on both sides, and what must not come round it. */
const TLS_WALKS: readonly string[] = [
  String.raw`C STARTTLS\r\n
C EHLO inside.example\r\n
C MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nXADR\r\nDATA\r\n
C Subject: x\r\n\r\nbody\r\n.\r\n
C STARTTLS\r\n
C QUIT\r\n`,
  String.raw`C MAIL FROM:<a@example.org>\r\nSTARTTLS\r\n
C MAIL FROM:<c@example.org>\r\nRCPT TO:<b@example.org>\r\nRSET\r\n
C EHLO inside.example\r\n
C AUTH LOGIN\r\n
C YQ==\r\n
C Yg==\r\n
C STARTTLS\r\n`,
  String.raw`c STARTTLS\r\nEHLO evil.example\r\n
R 0
C MAIL FROM:<a@example.org>\r\n`,
  String.raw`C AUTH PLAIN AGEAYg==\r\n
C STARTTLS\r\n
C STARTTLS x\r\n
C.`,
  String.raw`C HELO a.example\r\n
A 454 4.7.0 no\r\n
C LHLO b.example\r\n
c BDAT 5\r\nabcdeSTARTTLS\r\n
R 0
C EHLO inside.example\r\n`,
  String.raw`c EHLO b.example\r\nMAIL FROM:<a@example.org>\r\n
R 1
S 220 2.0.0 go\r\n250-evil\r\n250 AUTH PLAIN\r\n
T 6000`,
];
const TLS_POLICIES = ["tls_mx", "tls_strict", "tls_detect", "tls_egress", "tls_465", "tls_no_switch"];

const POLICIES = ["monitor", "recommended", "strict", "monitor_small", "strict_small", "one"];

/** Every walk after a greeting and EHLO, under each of the policies. */
export const SEEDS: readonly Session[] = [
  ...WALKS.flatMap((walk) => POLICIES.map((policy) => seed(policy, 0, walk))),
  ...POLICIES.map((policy) => seed(policy, 1, UNANNOUNCED)),
  ...TLS_WALKS.flatMap((walk, index) => TLS_POLICIES.map((policy) => seed(policy, 3 * (index % 2), walk))),
];

function seed(policy: string, server: number, walk: string): Session {
  return read(`policy ${policy}\nserver ${server}\n${GREETED}${walk}`);
}
