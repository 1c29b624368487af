/**
 * A terminal on which somebody spoke SMTP through `openssl s_client -crlf`: the server's lines and the typed ones, with
 * OpenSSL's notes between them (openssl-s_client(1)). With `-starttls smtp` it says by itself, and shows little of, what
 * came before TLS.
 */
import { byteText } from "./bytes.js";
import { type Line, TextError } from "./lines.js";

/** Whether OpenSSL printed these lines: its first, or with -quiet the chain that it checks. */
export const isOpenssl = (lines: readonly string[]): boolean =>
  lines.some((line) => /^CONNECTED\([0-9A-F]+\)$/.test(line)) ||
  (lines.some((line) => /^depth=\d+ /.test(line)) && lines.some((line) => /^verify return:\d/.test(line)));

/** What `-starttls smtp` says before TLS, EHLO's name included; only the server's greeting is made up. */
const BEFORE_TLS = [
  ["server", "220 not.shown.by.openssl"],
  ["client", "EHLO mail.example.com"],
  ["server", "250-not.shown.by.openssl"],
  ["server", "250 STARTTLS"],
  ["client", "STARTTLS"],
  ["server", "220 ready"],
] as const;

/** OpenSSL's own lines in the middle of a session. */
const NOTE =
  /^(?:read R BLOCK|RENEGOTIATING|KEYUPDATE|DONE|closed|depth=\d+ .*|verify (?:error|return):.*|[0-9A-F]{8,16}:error:.*)$/;
const TICKET = "Post-Handshake New Session Ticket arrived:";

/** The conversation. @throws TextError when only one side of it is there */
export function opensslLines(lines: readonly string[], name: string): Line[] {
  const start = lines.findIndex((line) => /^\d{3}[ -]/.test(line));
  const spoken = start < 0 ? [] : withoutNotes(lines.slice(start));
  const found: Line[] = [];
  const say = (from: "client" | "server", said: string): void =>
    void found.push({ kind: "text", from, sent: true, received: true, text: `${byteText(said)}\r\n` });
  // It shows the last line of the reply to its own EHLO.
  if (spoken[0]?.startsWith("250 ") === true) {
    for (const [from, said] of BEFORE_TLS) say(from, said);
    found.push({ kind: "client_tls" }, { kind: "server_tls" });
    spoken.shift();
  }
  const before = found.length;
  let [asksData, inData, typed] = [false, false, 0];
  for (const line of spoken) {
    const isReply = !inData && /^\d{3}(?:[ -]|$)/.test(line);
    if (!inData && line === "") continue;
    say(isReply ? "server" : "client", line);
    if (isReply) {
      inData = asksData && line.startsWith("354");
      asksData = false;
      continue;
    }
    typed++;
    if (inData) inData = line !== ".";
    else asksData = /^DATA\s*$/i.test(line);
  }
  if (typed === 0 || found.length === before) throw new TextError(name, null, ONE_SIDE);
  return found;
}

const ONE_SIDE =
  "openssl s_client prints only what the server says, unless on a terminal: copy the terminal, or record it with script";

/** Without OpenSSL's notes and the tickets that it shows between two lines "---". */
function withoutNotes(lines: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    if (line === "---" && lines[at + 1] === TICKET) {
      const end = lines.indexOf("---", at + 1);
      at = end < 0 ? lines.length : end;
    } else if (!NOTE.test(line)) kept.push(line);
  }
  return kept;
}
