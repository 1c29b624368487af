/** One session with everything that a client and a server say in a good one. Its steps are timed and counted. */

/** One turn of the event loop; `row` is the name of its figures. Steps without one only lead to the next. */
export interface Step {
  readonly act: "open" | "client" | "server" | "close";
  readonly bytes: Uint8Array;
  readonly row?: string;
}

const NOTHING = new Uint8Array(0);
const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

const client = (text: string, row?: string): Step => step("client", text, row);
const server = (text: string, row?: string): Step => step("server", text, row);

function step(act: "client" | "server", text: string, row?: string): Step {
  return { act, bytes: latin1(text), ...(row === undefined ? {} : { row }) };
}

/** A line of mail as programs wrap it: 72 characters and CRLF. */
export const LINE = `${"The quick brown fox jumps over the lazy dog, and the dog does not mind. ".padEnd(72, "x")}\r\n`;

const HEADER = "Subject: benchmark\r\nFrom: a@example.org\r\n\r\n";
/** About 1 KiB. */
const MESSAGE = HEADER + LINE.repeat(13);
const OK = "250 2.0.0 Ok\r\n";
const MAIL = "MAIL FROM:<sender@example.org> SIZE=1024\r\n";
const RCPT = "RCPT TO:<recipient@example.net>\r\n";
const EHLO_REPLY = [
  "250-mx.example.net",
  "250-PIPELINING",
  "250-SIZE 26214400",
  "250-AUTH PLAIN LOGIN",
  "250-ENHANCEDSTATUSCODES",
  "250-8BITMIME",
  "250-DSN",
  "250-SMTPUTF8",
  "250 CHUNKING",
];

/** What a session begins with, up to the first transaction. */
export const OPENING: readonly Step[] = [
  { act: "open", bytes: NOTHING, row: "open" },
  server("220 mx.example.net ESMTP\r\n", "greeting"),
  client("EHLO client.example.org\r\n", "EHLO"),
  server(`${EHLO_REPLY.join("\r\n")}\r\n`, "reply to EHLO, 9 lines"),
];

/** From there to where the server takes message data. */
export const INTO_DATA: readonly Step[] = [
  client(MAIL),
  server(OK),
  client(RCPT),
  server(OK),
  client("DATA\r\n"),
  server("354 End data with <CR><LF>.<CR><LF>\r\n"),
];

/** From there to where the text of the message begins: its header is read line by line, and is short. */
export const INTO_TEXT: readonly Step[] = [...INTO_DATA, client(HEADER)];

/** A good session, without findings. */
export const SESSION: readonly Step[] = [
  ...OPENING,
  client("NOOP\r\n", "NOOP"),
  server(OK, "reply"),
  client("VRFY someone\r\n", "VRFY"),
  server("252 2.0.0 Perhaps\r\n"),
  client("RSET\r\n", "RSET"),
  server(OK),
  client("AUTH LOGIN\r\n"),
  server("334 VXNlcm5hbWU6\r\n", "reply 334"),
  client("c29tZW9uZQ==\r\n", "AUTH response"),
  server("334 UGFzc3dvcmQ6\r\n"),
  client("c2VjcmV0\r\n"),
  server("535 5.7.8 Authentication failed\r\n"),
  client("AUTH PLAIN AHNvbWVvbmUAc2VjcmV0\r\n", "AUTH"),
  server("235 2.7.0 Welcome\r\n"),
  client(MAIL, "MAIL"),
  server(OK, "reply to MAIL"),
  client(RCPT, "RCPT"),
  server(OK, "reply to RCPT"),
  client("DATA\r\n", "DATA"),
  server("354 End data with <CR><LF>.<CR><LF>\r\n", "reply 354"),
  client(`${MESSAGE}.\r\n`, "message, 1 KiB"),
  server("250 2.0.0 Ok: queued as 4XyZ\r\n", "reply to a message"),
  client(MAIL),
  server(OK),
  client(RCPT),
  server(OK),
  client(`BDAT ${MESSAGE.length} LAST\r\n`, "BDAT header"),
  client(MESSAGE, "BDAT payload, 1 KiB"),
  server("250 2.0.0 Ok: queued as 4XyZ\r\n"),
  client(`${MAIL}${RCPT.repeat(20)}DATA\r\n`, "20 recipients pipelined"),
  server(`${OK.repeat(21)}354 End data with <CR><LF>.<CR><LF>\r\n`, "22 replies in one segment"),
  client(`${MESSAGE}.\r\n`),
  server("250 2.0.0 Ok: queued as 4XyZ\r\n"),
  client("QUIT\r\n", "QUIT"),
  server("221 2.0.0 Bye\r\n", "reply to QUIT"),
  { act: "close", bytes: NOTHING, row: "close" },
];

/** A command that the profile `recommended` rejects, with its event; the server answers the NOOP in its place. */
export const REJECTED: readonly Step[] = [
  ...OPENING.map(({ act, bytes }) => ({ act, bytes })),
  client("XADR someone\r\n", "XADR, rejected"),
  server(OK, "its reply, rewritten"),
  { act: "close", bytes: NOTHING },
];
