/** How mail servers talk, in the shapes of their own replies: for generated legitimate sessions. */

/** A server's words; `x` stands for an id that changes. */
export interface Dialect {
  name: string;
  greetings: readonly string[];
  /** First line of the reply to EHLO, and the keywords after it. */
  hello: string;
  keywords: readonly string[];
  mail: string;
  rcpt: string;
  /** Refusals of a recipient: for good, and for now. */
  refused: string;
  greylisted: string;
  /** To DATA or BDAT without a recipient. */
  nobody: string;
  data: string;
  chunk: string;
  queued: string;
  rset: string;
  noop: string;
  vrfy: string;
  /** STARTTLS is offered and cannot be had now. */
  noTls: string;
  bye: string;
}

const lines = (...all: string[]): string => all.map((line) => `${line}\r\n`).join("");

const POSTFIX: Dialect = {
  name: "Postfix",
  greetings: [
    lines("220 mx.example.org ESMTP Postfix (Debian/GNU)"),
    lines("220-mx.example.org", "220 mx.example.org ESMTP Postfix"),
  ],
  hello: "mx.example.org",
  keywords: [
    "PIPELINING",
    "SIZE 10240000",
    "VRFY",
    "ETRN",
    "STARTTLS",
    "AUTH PLAIN LOGIN",
    "ENHANCEDSTATUSCODES",
    "8BITMIME",
    "DSN",
    "SMTPUTF8",
    "CHUNKING",
  ],
  mail: lines("250 2.1.0 Ok"),
  rcpt: lines("250 2.1.5 Ok"),
  refused: lines(
    "550 5.1.1 <b@example.org>: Recipient address rejected: User unknown in virtual mailbox table",
  ),
  greylisted: lines(
    "450 4.2.0 <b@example.org>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/example.org.html",
  ),
  nobody: lines("554 5.5.1 Error: no valid recipients"),
  data: lines("354 End data with <CR><LF>.<CR><LF>"),
  chunk: lines("250 2.0.0 Ok: 100 bytes"),
  queued: lines("250 2.0.0 Ok: queued as 4F2A81C0D3"),
  rset: lines("250 2.0.0 Ok"),
  noop: lines("250 2.0.0 Ok"),
  vrfy: lines("252 2.0.0 b@example.org"),
  noTls: lines("454 4.7.0 TLS not available due to local problem"),
  bye: lines("221 2.0.0 Bye"),
};

const EXIM: Dialect = {
  name: "Exim",
  greetings: [
    lines("220 mail.example.org ESMTP Exim 4.96 Sat, 28 Nov 2026 03:00:00 +0000"),
    lines(
      "220-mail.example.org ESMTP Exim 4.98 #2 Sat, 28 Nov 2026 03:00:00 +0000 ",
      "220-We do not authorize the use of this system to transport unsolicited, ",
      "220 and/or bulk e-mail.",
    ),
  ],
  hello: "mail.example.org Hello client.example.com [192.0.2.10]",
  keywords: [
    "SIZE 52428800",
    "LIMITS MAILMAX=1000 RCPTMAX=50000",
    "8BITMIME",
    "PIPELINING",
    "CHUNKING",
    "STARTTLS",
    "AUTH PLAIN LOGIN",
    "SMTPUTF8",
    "DSN",
    "HELP",
  ],
  mail: lines("250 OK"),
  rcpt: lines("250 Accepted"),
  refused: lines(
    "550-Verification failed for <b@example.org>",
    "550-Unrouteable address",
    "550 Sender verify failed",
  ),
  greylisted: lines("451 Temporary local problem - please try later"),
  nobody: lines(
    "503-All RCPT commands were rejected with this error:",
    "503-Unrouteable address",
    "503 Valid RCPT command must precede DATA",
  ),
  data: lines('354 Enter message, ending with "." on a line by itself'),
  chunk: lines("250 100 byte chunk received"),
  queued: lines("250 OK id=1tGh2k-000000004Qx-3a7b"),
  rset: lines("250 Reset OK"),
  noop: lines("250 OK"),
  vrfy: lines("252 Administrative prohibition"),
  noTls: lines("454 TLS currently unavailable"),
  bye: lines("221 mail.example.org closing connection"),
};

const EXCHANGE: Dialect = {
  name: "Exchange",
  greetings: [
    lines("220 EX01.corp.example Microsoft ESMTP MAIL Service ready at Sat, 28 Nov 2026 03:00:00 +0000"),
  ],
  hello: "EX01.corp.example Hello [192.0.2.10]",
  keywords: [
    "SIZE 37748736",
    "PIPELINING",
    "DSN",
    "ENHANCEDSTATUSCODES",
    "STARTTLS",
    "X-ANONYMOUSTLS",
    "AUTH NTLM LOGIN",
    "X-EXPS GSSAPI NTLM",
    "8BITMIME",
    "BINARYMIME",
    "CHUNKING",
    "SMTPUTF8",
    "XRDST",
  ],
  mail: lines("250 2.1.0 Sender OK"),
  rcpt: lines("250 2.1.5 Recipient OK"),
  refused: lines(
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient b@corp.example not found by SMTP address lookup",
  ),
  greylisted: lines("452 4.3.1 Insufficient system resources"),
  nobody: lines("503 5.5.2 Need rcpt command"),
  data: lines("354 Start mail input; end with <CRLF>.<CRLF>"),
  chunk: lines("250 2.6.0 CHUNK received OK, 100 octets"),
  queued: lines(
    "250 2.6.0 <20261128030000.1@client.example.com> [InternalId=12345678901234, Hostname=EX01.corp.example] 1821 bytes in 0.121, 14.649 KB/sec Queued mail for delivery",
  ),
  rset: lines("250 2.0.0 Resetting"),
  noop: lines("250 2.0.0 OK"),
  vrfy: lines("252 2.1.5 Cannot VRFY user"),
  noTls: lines("454 4.7.0 TLS not available"),
  bye: lines("221 2.0.0 Service closing transmission channel"),
};

const GMAIL: Dialect = {
  name: "Gmail",
  greetings: [lines("220 mx.google.com ESMTP a640c23a62f3a-aa5998e6f3dsi123456766b.512 - gsmtp")],
  hello: "mx.google.com at your service, [192.0.2.10]",
  keywords: [
    "SIZE 157286400",
    "8BITMIME",
    "STARTTLS",
    "ENHANCEDSTATUSCODES",
    "PIPELINING",
    "CHUNKING",
    "SMTPUTF8",
  ],
  mail: lines("250 2.1.0 OK a640c23a62f3a-aa5998e6f3dsi123456766b.512 - gsmtp"),
  rcpt: lines("250 2.1.5 OK a640c23a62f3a-aa5998e6f3dsi123456766b.512 - gsmtp"),
  refused: lines(
    "550-5.1.1 The email account that you tried to reach does not exist. Please try",
    "550-5.1.1 double-checking the recipient's email address for typos or",
    "550-5.1.1 unnecessary spaces. For more information, go to",
    "550 5.1.1  https://support.google.com/mail/?p=NoSuchUser a640c23a62f3a - gsmtp",
  ),
  greylisted: lines(
    "450-4.2.1 The user you are trying to contact is receiving mail at a rate that",
    "450 4.2.1  https://support.google.com/mail/?p=ReceivingRate a640c23a62f3a - gsmtp",
  ),
  nobody: lines("503 5.5.1 RCPT first. a640c23a62f3a - gsmtp"),
  data: lines("354  Go ahead a640c23a62f3a-aa5998e6f3dsi123456766b.512 - gsmtp"),
  chunk: lines("250 2.0.0 OK a640c23a62f3a - gsmtp"),
  queued: lines("250 2.0.0 OK  1764298800 a640c23a62f3a-aa5998e6f3dsi123456766b.512 - gsmtp"),
  rset: lines("250 2.1.5 Flushed a640c23a62f3a - gsmtp"),
  noop: lines("250 2.0.0 OK a640c23a62f3a - gsmtp"),
  vrfy: lines("252 2.1.5 Send some mail, I'll try my best a640c23a62f3a - gsmtp"),
  noTls: lines("454 4.7.0 TLS not available due to local problem. a640c23a62f3a - gsmtp"),
  bye: lines("221 2.0.0 closing connection a640c23a62f3a-aa5998e6f3dsi123456766b.512 - gsmtp"),
};

/** One that knows no extension. */
const OLD: Dialect = {
  ...POSTFIX,
  name: "without ESMTP",
  greetings: [lines("220 old.example.org SMTP"), "220\r\n"],
  hello: "old.example.org",
  keywords: [],
  rcpt: lines("250 ok"),
  mail: lines("250 ok"),
  vrfy: lines("502 command not implemented"),
};

export const DIALECTS: readonly Dialect[] = [POSTFIX, EXIM, EXCHANGE, GMAIL, OLD];
