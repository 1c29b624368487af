/** The words of SMTP, its limits, and the parts of attacks; `\r` and the like as in corpus files. */
import { unescape } from "./session.js";

const words = (text: string): Uint8Array[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map(unescape);

/** Whole client lines (and similar). */
export const CLIENT_LINES: readonly Uint8Array[] = words(String.raw`
EHLO client.example\r\n
HELO client.example\r\n
EHLO [192.0.2.10]\r\n
EHLO\r\n
MAIL FROM:<a@example.org>\r\n
MAIL FROM:<>\r\n
MAIL FROM:<a@example.org> SIZE=100 BODY=8BITMIME\r\n
MAIL FROM:<a@example.org> BODY=BINARYMIME SMTPUTF8 RET=HDRS ENVID=x\r\n
MAIL FROM:<a@example.org> AUTH=<>\r\n
MAIL FROM:<\xc3\xa9@example.org> SMTPUTF8\r\n
RCPT TO:<\xe2\x82\xac@\xf0\x9f\x98\x80.example>\r\n
VRFY \xc3\xa9 SMTPUTF8\r\n
MAIL FROM: <a@example.org>\r\n
MAIL FROM:a@example.org\r\n
RCPT TO:<b@example.org>\r\n
RCPT TO:<"b c"@example.org> NOTIFY=NEVER ORCPT=rfc822;b\r\n
RCPT TO:<Postmaster>\r\n
RCPT TO:<root>\r\n
RCPT TO:<@x.example,@y.example:b@example.org>\r\n
RCPT TO:<b@[IPv6:2001:db8::1]>\r\n
RCPT TO:<(c)b@(c)example.org>\r\n
RCPT TO:<b@example>\r\n
DATA\r\n
Subject: x\r\n\r\nbody\r\n.\r\n
Subject: x\r\n\r\n..stuffed\r\n.\r\n
\r\n.\r\n
.\r\n
a\n.\nb\r\n.\r\n
a\r\n.\nMAIL FROM:<x@example.org>\r\n.\r\n
a\n.\r\nb\r\n.\r\n
a\r.\rb\r\n.\r\n
a\r\n.\rb\r\n.\r\n
a\r\n\0.\r\n.\r\n
BDAT 5\r\nabcde
BDAT 5 LAST\r\nabcde
BDAT 0 LAST\r\n
BDAT 18446744073709551616\r\n
BDAT 99999999999999999999\r\n
BDAT -1\r\n
BDAT 5 LAST x\r\n
RSET\r\n
NOOP\r\n
NOOP x\r\n
VRFY b\r\n
EXPN list\r\n
HELP\r\n
QUIT\r\n
ETRN example.org\r\n
TURN\r\n
ATRN example.org\r\n
AUTH PLAIN AGEAYg==\r\n
AUTH PLAIN\r\n
AUTH LOGIN\r\n
AUTH LOGIN YQ==\r\n
AUTH CRAM-MD5\r\n
AUTH NTLM\r\n
AUTH PLAIN =\r\n
AGEAYg==\r\n
YQ==\r\n
*\r\n
=\r\n
STARTTLS\r\n
STARTTLS x\r\n
STARTTLS\r\nEHLO evil.example\r\n
LHLO client.example\r\n
\x16\x03\x01\0\x05\x01\0\0\x01\0
\x80\x2e\x01\x03\x01
X-ANONYMOUSTLS\r\n
X-EXPS NTLM\r\n
X-EXPS GSSAPI abcd\r\n
XEXCH50 5 2\r\n
XEXCH50 4294967296 2\r\n
XEXCH50 -5 2\r\n
X-LINK2STATE LAST CHUNK={a}\r\n
XSHADOW x\r\n
XPROXYTO x\r\n
XCLIENT NAME=a ADDR=192.0.2.1\r\n
XFORWARD NAME=a\r\n
XADR\r\n
XQUEUE\r\n
GET / HTTP/1.1\r\n
POST / HTTP/1.1\r\nHost: x\r\n\r\n
CONNECT x:25 HTTP/1.0\r\n
SSH-2.0-x\r\n
MAIL\r\n
RCPT\r\n
SEND FROM:<a@example.org>\r\n
\r\n
\n
EHLO x\n
RSET \r\n
rset\r\n
NOOP \0\r\n
NOOP \x80\r\n
`);

/** What a server may say. */
export const SERVER_LINES: readonly Uint8Array[] = words(String.raw`
220 mx ESMTP\r\n
220-mx\r\n220 ready\r\n
220 mx\n
554 no\r\n
421 bye\r\n
250 ok\r\n
250-a\r\n250 b\r\n
250-a\r\n251 b\r\n
250-mx\r\n250-PIPELINING\r\n250-STARTTLS\r\n250-CHUNKING\r\n250-AUTH PLAIN LOGIN\r\n250 SMTPUTF8\r\n
250-mx\r\n250 STARTTLS\r\n
250 STARTTLS\r\n
250-mx\r\n250-starttls\r\n250-AUTH=LOGIN\r\n250 XEXCH50\r\n
354 go\r\n
354 go\n
334 \r\n
334 UGFzc3dvcmQ6\r\n
235 ok\r\n
535 no\r\n
220 go\r\n
220 2.0.0 Ready to start TLS\r\n250-evil\r\n250 AUTH PLAIN\r\n
454 no\r\n
500 what\r\n
502 no\r\n
503 order\r\n
550 no\r\n
221 bye\r\n
250\r\n
250\n
25
2500 x\r\n
250_x\r\n
000 x\r\n
999 x\r\n
x\r\n
\r\n
\0
\x16\x03\x03\0\x04abcd
\x15\x03\x01\0\x02\x02\x28
* OK IMAP\r\n
+OK POP3\r\n
SSH-2.0-x\r\n
`);

/** Pieces that go anywhere. */
export const PIECES: readonly Uint8Array[] = words(String.raw`
\r\n
\r
\n
\0
.
..
\r\n.\r\n
\n.\n
\r\n.\n
\n.\r\n
\r.\r
\r\n.\r
\r\r\n
\n\r\n
\x20
\t
<
>
@
:
,
"
(
)
[
]
\\
=
*
-
--
LAST
\x7f
\x80
\xc3\xa9
\xe2\x82\xac
\xf0\x9f\x98\x80
\xed\xa0\x80
\xc0\x80
\xf4\x90\x80\x80
\xff
\xff\xf4\xff\xfd
\x1b[
250
250-
354
334
220
421
SMTPUTF8
BODY=BINARYMIME
SIZE=99999999999999999999
AUTH=<a@example.org>
NOTIFY=SUCCESS,FAILURE
@example.org
IPv6:::
.example.
`);

/** Lengths at which something changes: lines, paths, limits of the policies, windows, 16 bits. */
export const LENGTHS: readonly number[] = [
  4, 12, 20, 63, 64, 65, 254, 255, 256, 257, 500, 509, 510, 511, 512, 513, 600, 998, 1000, 1001, 2046, 4090,
  4095, 4096, 4097, 5000, 12_286, 12_288, 12_289, 16_382, 16_384, 16_385, 40_000, 65_534, 65_535, 65_536,
  65_537, 70_000, 131_073,
];
