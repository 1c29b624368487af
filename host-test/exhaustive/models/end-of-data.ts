/** How servers find the end of message data, as small functions; `host-test/test/mta/models.test.ts` holds them to real ones. */
import { eximEnd } from "./exim.js";
import { CR, type DataReader, DOT, GONE, LF, NO_END, NUL } from "./reader.js";

/** RFC 5321 4.1.1.4: CRLF "." CRLF, where the CRLF of the DATA command counts as the first. */
export function rfc5321End(data: string): number {
  const at = `\r\n${data}`.indexOf("\r\n.\r\n");
  return at < 0 ? NO_END : at + 3;
}

/** Reads lines that end with LF. @param isEnd is given a line without its LF, and whether the line before ended with CRLF */
function byLines(data: string, isEnd: (line: string, afterCrlf: boolean) => boolean): number {
  let afterCrlf = true;
  for (let at = 0; ;) {
    const lf = data.indexOf("\n", at);
    if (lf < 0) return NO_END;
    const line = data.slice(at, lf);
    if (isEnd(line, afterCrlf)) return lf + 1;
    afterCrlf = line.endsWith("\r");
    at = lf + 1;
  }
}

/** The machine of qmail: a LF without CR ends the connection. */
function qmailEnd(data: string): number {
  let state = 1;
  for (let at = 0; at < data.length; at++) {
    const ch = data.charCodeAt(at);
    if (state === 3 && ch === LF) return at + 1;
    if (ch === LF && state !== 4) return GONE;
    if (state === 4) state = ch === LF ? 1 : ch === CR ? 4 : 0;
    else if (ch === CR) state = state === 2 ? 3 : 4;
    else state = state === 1 && ch === DOT ? 2 : 0;
  }
  return NO_END;
}

/**
 * Nothing is known of the source of Exchange, Cisco's and other gateways: so this one reads as any of them might. CR, LF
 * and CRLF each end a line; NULs are dropped, or end the line as a C string.
 */
function anyEnd(data: string): number {
  let lineStart = true;
  let dot: "none" | "dot" | "dot and NUL" = "none";
  for (let at = 0; at < data.length; at++) {
    const ch = data.charCodeAt(at);
    if (ch === CR || ch === LF) {
      const crlf = ch === CR && data.charCodeAt(at + 1) === LF;
      if (crlf) at++;
      if (dot !== "none") return at + 1;
      lineStart = true;
    } else if (ch === NUL) {
      if (dot === "dot") dot = "dot and NUL";
    } else {
      if (dot !== "dot and NUL") dot = lineStart && ch === DOT ? "dot" : "none";
      lineStart = false;
    }
  }
  return NO_END;
}

const bare = (line: string): boolean => !line.endsWith("\r");

export const DATA_READERS: readonly DataReader[] = [
  {
    name: "Postfix, smtpd_forbid_bare_newline = no (the default before 3.9)",
    source: "Postfix: src/global/smtp_stream.c smtp_get_noexcept (all CRs before LF go), src/smtpd/smtpd.c",
    end: (data) => byLines(data, (line) => line.replace(/\r+$/, "") === "."),
  },
  {
    name: "Postfix, smtpd_forbid_bare_newline = normalize (the default since 3.9), note, reject",
    source:
      "Postfix: src/smtpd/smtpd.c receive_data_message, BARE_LF_FLAG_WANT_STD_EOD; one CR before LF goes",
    end: (data) => byLines(data, (line, afterCrlf) => line === ".\r" && afterCrlf),
  },
  {
    name: "Postfix, smtpd_forbid_bare_newline = yes (3.5.23 to 3.8.4)",
    source: "Postfix: announcements/smtp-smuggling.html: the first LF without CR ends the session with 521",
    end: (data) => {
      const end = byLines(data, (line) => bare(line) || line === ".\r");
      return end > 0 && data[end - 2] !== "\r" ? GONE : end;
    },
  },
  {
    name: "Exim, strict after a first line that ends with CRLF (4.97.1)",
    source: "Exim: src/src/receive.c receive_msg, read_message_data_smtp with strict_crlf",
    end: (data) => eximEnd(data, true),
  },
  {
    name: "Exim before 4.97.1",
    source: "Exim: src/src/receive.c receive_msg, read_message_data_smtp; CVE-2023-51766",
    end: (data) => eximEnd(data, false),
  },
  {
    name: "Sendmail before 8.18",
    source: "sendmail: sendmail/collect.c collect, IS_BOL to IS_CR; CVE-2023-51765",
    end: (data) => byLines(data, (line) => line === "." || line === ".\r"),
  },
  {
    name: "OpenSMTPD",
    source:
      'OpenSMTPD: usr.sbin/smtpd/smtp_session.c smtp_io (one CR goes), smtp_tx_dataline (strcmp with ".")',
    end: (data) => byLines(data, (line) => line.replace(/\r$/, "").split("\0", 1)[0] === "."),
  },
  {
    name: "aiosmtpd to 1.4.4",
    source: "aiosmtpd: aiosmtpd/smtp.py smtp_DATA, readuntil() and b'.\\r\\n'; CVE-2024-27305",
    end: (data) => byLines(data, (line) => line === ".\r"),
  },
  {
    name: "aiosmtpd since 1.4.5",
    source: "aiosmtpd: aiosmtpd/smtp.py smtp_DATA, readuntil(b'\\r\\n')",
    end: rfc5321End,
  },
  {
    name: "smtp-server",
    source: "smtp-server: smtp-stream.js _feedDataStream, END_SEQUENCE",
    end: rfc5321End,
  },
  { name: "qmail", source: "qmail: qmail-smtpd.c blast", end: qmailEnd },
  {
    name: "anything that some reader may take for an end (Exchange, Cisco, Zeek and others)",
    source: "no source: the union of CERT VU#302671 and of what inspectors do with NUL and CR",
    end: anyEnd,
  },
];
