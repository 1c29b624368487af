/** How servers cut what they get into command lines, and where they see the verb in one. */
import type { LineReader } from "./reader.js";

/** All whole lines, without their LF. */
const byLf = (bytes: string): string[] => bytes.split("\n").slice(0, -1);
const withoutCr = (line: string): string => line.replace(/\r$/, "");
const cString = (line: string): string => line.split("\0", 1)[0] as string;
/** Up to the first SP. */
const toSpace = (line: string): string => (line.split(" ", 1)[0] as string).toUpperCase();
/** The first word, after blanks of all kinds. */
const firstWord = (line: string): string => (/[^\s]*/.exec(line.trimStart())?.[0] ?? "").toUpperCase();

export const LINE_READERS: readonly LineReader[] = [
  {
    name: "Postfix, smtpd_forbid_bare_newline = no",
    source: "Postfix: src/global/smtp_stream.c smtp_get_noexcept, src/smtpd/smtpd_token.c",
    lines: (bytes) => byLf(bytes).map((line) => cString(line.replace(/\r+$/, ""))),
    verb: firstWord,
  },
  {
    name: "Postfix, smtpd_forbid_bare_newline = normalize",
    source: "Postfix: src/global/smtp_stream.c smtp_get_noexcept, src/smtpd/smtpd_token.c",
    lines: (bytes) => byLf(bytes).map((line) => cString(withoutCr(line))),
    verb: firstWord,
  },
  {
    name: "Exim",
    source: "Exim: src/src/smtp_in.c smtp_read_command: all white space at the end goes, a NUL becomes ?",
    lines: (bytes) => byLf(bytes).map((line) => line.replaceAll("\0", "?").trimEnd()),
    verb: toSpace,
  },
  {
    name: "Sendmail",
    source: "sendmail: sendmail/srvrsmtp.c smtp: sfgets, fixcrlf, blanks skipped, the verb up to a blank",
    lines: (bytes) => byLf(bytes).map((line) => cString(withoutCr(line))),
    verb: firstWord,
  },
  {
    name: "OpenSMTPD",
    source: "OpenSMTPD: usr.sbin/smtpd/smtp_session.c smtp_io, smtp_command",
    lines: (bytes) => byLf(bytes).map((line) => cString(withoutCr(line))),
    verb: toSpace,
  },
  {
    name: "aiosmtpd",
    source: "aiosmtpd: aiosmtpd/smtp.py _handle_client: rstrip(b'\\r\\n'), partition(b' ')",
    lines: (bytes) => byLf(bytes).map((line) => line.replace(/[\r\n]+$/, "")),
    verb: toSpace,
  },
  {
    name: "smtp-server",
    source: "smtp-server: smtp-stream.js _write (/\\r?\\n/), smtp-connection.js _onCommand (split(' '))",
    lines: (bytes) => byLf(bytes).map(withoutCr),
    verb: toSpace,
  },
  {
    name: "qmail",
    source: "qmail: commands.c commands",
    lines: (bytes) => byLf(bytes).map((line) => cString(withoutCr(line))),
    verb: toSpace,
  },
  {
    name: "a reader for whom a CR alone ends a line too (Zeek)",
    source: "Zeek: src/analyzer/protocol/smtp/SMTP.cc with ContentLine_Analyzer, CR_LF_as_EOL",
    lines: (bytes) => bytes.split(/\r\n|\r|\n/).slice(0, -1),
    verb: firstWord,
  },
];
