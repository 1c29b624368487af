/**
 * Legitimate messages of many shapes. One character is one byte, lines end in CRLF, `#####` is the session's own mark. What
 * is in them is made up so that a filter which reads, cuts or normalises too eagerly would change or refuse it.
 */

/** A message and how it must be announced. */
export interface Shape {
  name: string;
  /** As it is to arrive: without the dots that SMTP adds. Ends in CRLF unless the message is empty. */
  content: string;
  /** Needs BODY=8BITMIME, or SMTPUTF8 as well. */
  bytes?: "8bit" | "utf8";
}

const utf8 = (text: string): string => Buffer.from(text).toString("latin1");
const crlf = (...lines: string[]): string => lines.map((line) => `${line}\r\n`).join("");

/** Date and Message-ID are there, so that no server adds its own. */
const head = (...more: string[]): string =>
  crlf(
    "From: Alice <a@client.test>",
    "To: <b@judge.test>",
    "Subject: judged",
    "Date: Tue, 24 Nov 2026 12:00:00 +0000",
    "Message-ID: <#####@client.test>",
    ...more,
  );

const typed = (type: string, ...more: string[]): string =>
  `${head("MIME-Version: 1.0", `Content-Type: ${type}`, ...more)}\r\n`;

const plain = (...lines: string[]): string => `${head()}\r\n${crlf(...lines)}`;

/** `bytes` bytes that repeat only after a prime number of them, in lines of `width` characters of base64. */
export function base64(bytes: number, width = 76): string {
  const text = Buffer.from(Array.from({ length: bytes }, (_, at) => (at * 31 + (at % 251)) & 255));
  return crlf(...(text.toString("base64").match(new RegExp(`.{1,${width}}`, "g")) ?? []));
}

const part = (type: string, body: string, ...more: string[]): string =>
  `${crlf(`Content-Type: ${type}`, ...more)}\r\n${body}`;

function multipart(kind: string, boundary: string, ...parts: string[]): string {
  const body = parts.map((each) => `--${boundary}\r\n${each}`).join("");
  return `multipart/${kind}; boundary="${boundary}"\r\n\r\n${body}--${boundary}--\r\n`;
}

const mime = (body: string): string => head("MIME-Version: 1.0") + `Content-Type: ${body}`;
const html = part("text/html; charset=utf-8", crlf("<html>", "<p>.</p>", ".", "</html>"));
const png = part("image/png", base64(3000), "Content-Transfer-Encoding: base64");
const text = part("text/plain", crlf("hello", "", ".", "-- ", "Alice"));
const alternative = `Content-Type: ${multipart("alternative", "=_alt", text, html)}`;
const related = `Content-Type: ${multipart("related", "=_rel", html, png)}`;

/** A message of exactly `length` bytes on the wire after DATA, without its final dot; no line begins with a dot. */
function ofLength(length: number): string {
  const start = plain();
  const line = `${"0123456789".repeat(7)}\r\n`;
  const left = length - start.length;
  const rest = (left % line.length) + line.length;
  return `${start}${line.repeat((left - rest) / line.length)}${"x".repeat(rest - 2)}\r\n`;
}

/** Messages of megabytes, apart from the others because they cost time. */
export const BIG: Shape[] = [
  { name: "eight megabytes of base64", content: typed("application/zip") + base64(5_800_000) },
  {
    name: "a megabyte of dots",
    content: plain(...Array.from({ length: 60_000 }, (_, at) => ".".repeat(at % 30))),
  },
];

/** The others. */
export const SHAPES: Shape[] = [
  { name: "one line", content: plain("hello") },
  { name: "an attachment", content: mime(multipart("mixed", "=_1", text, png)) },
  { name: "text and HTML", content: mime(multipart("alternative", "=_2", text, html)) },
  { name: "four levels of parts", content: mime(multipart("mixed", "=_3", alternative, related, png)) },
  {
    name: "a forwarded message",
    content: mime(multipart("mixed", "=_4", text, part("message/rfc822", plain("inner", ".", "QUIT")))),
  },
  {
    name: "a delivery report",
    content: mime(
      multipart(
        "report; report-type=delivery-status",
        "=_5",
        text,
        part("message/delivery-status", crlf("Reporting-MTA: dns; mx.judge.test", "", "Action: failed")),
      ),
    ),
  },
  { name: "a boundary of one dot", content: mime(multipart("mixed", ".", text, png)) },
  { name: "a boundary of 70 characters", content: mime(multipart("mixed", "-".repeat(70), text, html)) },
  {
    name: "text before and after the parts, and no last boundary",
    content: `${typed('multipart/mixed; boundary="=_6"')}preamble\r\n--=_6\r\n${text}\r\nepilogue\r\n`,
  },
  {
    name: "quoted-printable",
    content:
      typed("text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable") +
      crlf("caf=C3=A9 =E2=82=AC=", "=2E is a dot", ".=", ".", "=0D=0A.=0D=0A", "x".repeat(75) + "=", "=20"),
  },
  { name: "base64 in lines of 998", content: typed("application/pdf") + base64(60_000, 998) },
  { name: "base64 in lines of four", content: typed("application/pdf") + base64(3000, 4) },
  { name: "S/MIME", content: typed("application/pkcs7-mime; smime-type=enveloped-data") + base64(9000, 64) },
  {
    name: "OpenPGP in clear",
    content: plain("-----BEGIN PGP SIGNED MESSAGE-----", "Hash: SHA512", "", "- -- ", "- .", "..", "."),
  },
  { name: "uuencode", content: plain("begin 644 a", "#0V%T", ".", "`", "end") },
  { name: "fifty lines of 998 octets", content: plain(...Array.from({ length: 50 }, () => "y".repeat(998))) },
  {
    name: "dots and lines of 998 octets",
    content: plain("." + "z".repeat(997), "z".repeat(997) + ".", ".".repeat(998)),
  },
  { name: "a header of 998 octets", content: `${head(`X-Long: ${"h".repeat(990)}`)}\r\nhello\r\n` },
  {
    name: "a folded header of 8,000 octets",
    content: `${head(`References:${`\r\n <${"r".repeat(76)}@x>`.repeat(96)}`)}\r\nhello\r\n`,
  },
  {
    name: "300 headers",
    content: `${head(...Array.from({ length: 300 }, (_, at) => `X-${at}: ${at}`))}\r\nhello\r\n`,
  },
  {
    name: "signatures of DKIM and ARC",
    content: `${crlf(
      "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=client.test; s=s;",
      `\th=from:to:subject; bh=${"A".repeat(43)}=;`,
      `\tb=${"B".repeat(60)}`,
      `\t ${"B".repeat(60)}==`,
      "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=client.test; s=s; b=QUJD",
    )}${plain("hello")}`,
  },
  { name: "lines that begin with dots", content: plain(".", "..", "...", ". ", ".x", ".\t.", "..x") },
  { name: "only lone dots", content: plain(".", ".", ".", ".") },
  { name: "a lone dot as the last line", content: plain("hello", "", ".") },
  { name: "a body that begins with a lone dot", content: plain(".", "hello") },
  { name: "a thousand empty lines", content: plain(...Array.from({ length: 1000 }, () => "")) },
  { name: "tabs and trailing spaces", content: plain("\tx", "x\t", "x  ", " ", "\t", " . ", " .") },
  { name: "an empty body", content: `${head()}\r\n` },
  { name: "headers and no body", content: head() },
  { name: "no headers", content: "\r\nonly a body\r\n" },
  { name: "a dot as the very first byte", content: ".\r\n..\r\n" },
  { name: "nothing at all", content: "" },
  {
    name: "text that reads like SMTP",
    content: plain(
      "QUIT",
      "MAIL FROM:<x@y>",
      "RCPT TO:<root>",
      "354 go",
      "BDAT 10 LAST",
      "X-EXPS GSSAPI",
      "STARTTLS",
    ),
  },
  { name: "text that reads like HTTP", content: plain("GET / HTTP/1.1", "Host: judge.test", "", "{}") },
  {
    name: "format=flowed",
    content: typed("text/plain; format=flowed") + crlf("a long ", "line ", " From me", " .", "-- "),
  },
  {
    name: "an invitation",
    content: typed("text/calendar; method=REQUEST") + crlf("BEGIN:VCALENDAR", " .", "END:VCALENDAR"),
  },
  {
    name: "ISO-2022-JP",
    content: typed("text/plain; charset=iso-2022-jp") + crlf("\x1b$B$3$s$K$A$O\x1b(B", "\x1b$B.\x1b(B"),
  },
  { name: "form feeds and other control characters", content: plain("\f", "\x07\x08\v\x1a\x1b\x7f", ".\f") },
  {
    name: "UTF-8",
    content: typed("text/plain; charset=utf-8") + crlf(utf8("Grüße, Ωμέγα, 日本語, 🎈")),
    bytes: "8bit",
  },
  {
    name: "all bytes above 127",
    content: plain(
      ...Array.from({ length: 8 }, (_, row) =>
        Buffer.from(Array.from({ length: 16 }, (_x, at) => 128 + row * 16 + at)).toString("latin1"),
      ),
    ),
    bytes: "8bit",
  },
  {
    name: "lines of 998 bytes above 127",
    content: plain("\xe9".repeat(998), `.${"\xe9".repeat(997)}`),
    bytes: "8bit",
  },
  {
    name: "headers in UTF-8",
    content: `${head(utf8("X-Name: Jürgen 日本"))}\r\n${crlf(utf8("Grüße"))}`,
    bytes: "utf8",
  },
  { name: "ten thousand lines of one letter", content: plain(...Array.from({ length: 10_000 }, () => "a")) },
  ...[65_533, 65_534, 65_535, 65_536, 65_537, 65_538].map((length) => ({
    name: `a message of ${length} bytes`,
    content: ofLength(length),
  })),
];
