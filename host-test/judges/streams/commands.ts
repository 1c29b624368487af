/** Groups with a member that is refused, and commands that arrive after something that changes what they are. */
import {
  BOB,
  ehlo,
  envelope,
  HEAD,
  MAIL,
  message,
  quit,
  RCPT,
  SECOND,
  VISIBLE,
  type Step,
  type Stream,
} from "../steps.js";

const RCPT_B = `RCPT TO:<${BOB}>\r\n`;
const ROOT = "RCPT TO:<root>\r\n";
const BODY = `${HEAD}visible\r\n.\r\n`;
/** A second message as whole commands; whether they are any is for the reply before them to say. */
const NEXT = `MAIL FROM:<${SECOND}>\r\n${RCPT}DATA\r\n${HEAD}hidden\r\n.\r\n`;
const body: Step[] = [{ group: [BODY] }, quit];

/** One segment that opens a transaction, with `odd` among it; then the message. */
function group(name: string, about: string, ...commands: string[]): Stream {
  const steps: Step[] = [...ehlo, { group: [...commands, "DATA\r\n"] }, ...body];
  return { name, family: "groups", about, steps, needs: ["PIPELINING"] };
}

/** After EHLO, one segment; then a moment's wait and what is after. */
function after(
  name: string,
  about: string,
  segment: string,
  rest: Step[] = [],
  more: Partial<Stream> = {},
): Stream {
  const steps: Step[] = [...ehlo, { send: segment }, { maybe: true }, ...rest, quit];
  return { name, family: "after a command", about, steps, needs: ["PIPELINING"], ...more };
}

export const groups: Stream[] = [
  group("nothing refused", "the benign twin", MAIL, RCPT, RCPT_B),
  group(
    "a recipient without a domain in the middle",
    "RFC 2920: the rest of the group stands",
    MAIL,
    RCPT,
    ROOT,
    RCPT_B,
  ),
  group("a recipient without a domain first", "the transaction goes on", MAIL, ROOT, RCPT),
  group("a recipient without a domain last", "the transaction goes on", MAIL, RCPT, ROOT),
  group(
    "five of them in a row",
    "stands-ins must not run together",
    MAIL,
    ROOT,
    ROOT,
    RCPT,
    ROOT,
    ROOT,
    ROOT,
    RCPT_B,
  ),
  group("a private command in the middle", "Sun's XADR", MAIL, RCPT, "XADR\r\n", RCPT_B),
  group("a private command first", "before MAIL", "XADR\r\n", MAIL, RCPT),
  group("a private command last", "right before DATA", MAIL, RCPT, "XADR\r\n"),
  group(
    "an Exchange command in the middle",
    "X-LINK2STATE, CVE-2005-0560",
    MAIL,
    RCPT,
    "X-LINK2STATE LAST CHUNK={1}\r\n",
    RCPT_B,
  ),
  group(
    "a control byte in the middle",
    "refused as binary data",
    MAIL,
    RCPT,
    "RCPT TO:<c\x01@judge.test>\r\n",
    RCPT_B,
  ),
  group("a leading space in the middle", "Postfix skips it", MAIL, RCPT, ` RCPT TO:<${BOB}>\r\n`),
  group(
    "RSET in the middle",
    "the second transaction counts",
    MAIL,
    RCPT,
    "RSET\r\n",
    `MAIL FROM:<${SECOND}>\r\n`,
    RCPT_B,
  ),
  {
    name: "only recipients without a domain",
    family: "groups",
    about: "DATA must find no recipient, and the body must not be read as commands that count",
    needs: ["PIPELINING"],
    steps: [...ehlo, { group: [MAIL, ROOT, ROOT, "DATA\r\n"] }, { send: BODY }, { maybe: true }, quit],
  },
];

/** A group that was not offered to be taken: OpenSMTPD hangs up on it, aiosmtpd takes it. */
const HANGS_UP: Partial<Stream> = {
  differs: { in: "arrival", under: "recommended", why: "OpenSMTPD hangs up on groups: it offers none" },
};
const AUTH: Partial<Stream> = { needs: ["AUTH", "PIPELINING"] };
const STARTTLS: Partial<Stream> = { needs: ["STARTTLS", "PIPELINING"] };

const PLAIN = "AHRlc3RlcgBzZWNyZXQ=";

export const afterCommands: Stream[] = [
  after("DATA without a recipient", "CVE-2000-1022: the refused DATA opens nothing", `DATA\r\n${NEXT}`),
  after("DATA and the message in one segment", "RFC 2920 3.1", `${MAIL}${RCPT}DATA\r\n${BODY}`),
  after("DATA and RCPT in one segment", "is it data or a command?", `${MAIL}${RCPT}DATA\r\n${RCPT_B}${BODY}`),
  after(
    "DATA refused, its text are commands",
    "Suricata bug 6906",
    `MAIL FROM:<${VISIBLE}>\r\nDATA\r\n${RCPT}DATA\r\n`,
    [{ send: BODY }, { maybe: true }],
  ),
  after("DATA x", "an argument where none may be", `${MAIL}`, [
    { send: RCPT },
    { maybe: true },
    { send: "DATA x\r\n" },
    { maybe: true },
    { send: BODY },
    { maybe: true },
  ]),
  after("AUTH PLAIN and commands in one segment", "response or commands?", `AUTH PLAIN\r\n${NEXT}`, [], AUTH),
  after(
    "AUTH of no kind and commands in one segment",
    "504, then commands",
    `AUTH NONESUCH\r\n${NEXT}`,
    [],
    AUTH,
  ),
  after(
    "AUTH LOGIN answered with MAIL",
    "a response that looks like a command",
    "AUTH LOGIN\r\n",
    [
      { send: `MAIL FROM:<${SECOND}>\r\n` },
      { maybe: true },
      { send: RCPT },
      { maybe: true },
      { send: `DATA\r\n` },
      { maybe: true },
      { send: `${HEAD}hidden\r\n.\r\n` },
      { maybe: true },
    ],
    AUTH,
  ),
  after(
    "AUTH cancelled and commands in one segment",
    "the star ends the exchange",
    "AUTH LOGIN\r\n",
    [{ send: `*\r\n${NEXT}` }, { maybe: true }],
    AUTH,
  ),
  after(
    "AUTH with initial response and commands in one segment",
    "one round",
    `AUTH PLAIN ${PLAIN}\r\n${NEXT}`,
    [],
    AUTH,
  ),
  after(
    "STARTTLS and commands in one segment",
    "CVE-2011-0411: read in clear, run after TLS",
    `STARTTLS\r\n${NEXT}`,
    [
      { tls: true },
      // Whatever is still to be answered of the group, in clear or inside TLS.
      ...Array.from({ length: 4 }, (): Step => ({ maybe: true })),
      { send: "EHLO client.test\r\n" },
      { maybe: true },
    ],
    STARTTLS,
  ),
  after(
    "STARTTLS, RSET and commands in one segment",
    "Snort forgets at RSET",
    `STARTTLS\r\nRSET\r\n${NEXT}`,
    [{ tls: true }, { maybe: true }],
    STARTTLS,
  ),
  after("STARTTLS, then no TLS", "in clear after the 220", "STARTTLS\r\n", message(VISIBLE), STARTTLS),
  after("STARTTLS with an argument", "501, and commands after", `STARTTLS now\r\n${NEXT}`, [], {
    ...STARTTLS,
    ...HANGS_UP,
  }),
  after("XEXCH50 with its payload", "CVE-2003-0714: octets or commands?", `XEXCH50 400 2\r\n${NEXT}`),
  after("X-ANONYMOUSTLS and commands", "a second STARTTLS", `X-ANONYMOUSTLS\r\n${NEXT}`, [], HANGS_UP),
  after("X-EXPS and commands", "like AUTH", `X-EXPS LOGIN\r\n${NEXT}`, [], HANGS_UP),
  after("XCLIENT and commands", "another identity", "XCLIENT ADDR=192.0.2.1\r\n", message(VISIBLE)),
  after("TURN and commands", "who is the client now?", "TURN\r\n", message(VISIBLE)),
  {
    name: "everything before the greeting",
    family: "after a command",
    about: "the client talks first",
    steps: [{ send: `EHLO client.test\r\n${NEXT}` }, { reply: true }, { maybe: true }, { maybe: true }, quit],
    differs: { in: "arrival", why: "whether client or server is first is a matter of chance" },
  },
  {
    name: "HELO and a pipelined group",
    family: "after a command",
    about: "HELO has offered nothing",
    steps: [
      { reply: true },
      { send: "HELO client.test\r\n" },
      { reply: true },
      { send: `MAIL FROM:<${SECOND}>\r\n${RCPT}DATA\r\n` },
      { maybe: true },
      { send: `${HEAD}hidden\r\n.\r\n` },
      { maybe: true },
      quit,
    ],
    differs: { in: "arrival", why: "some refuse a group that they have not offered to take" },
  },
  {
    name: "a transaction inside a transaction",
    family: "after a command",
    about: "the second MAIL is refused, its recipients are added",
    steps: [...ehlo, envelope(), envelope(SECOND, BOB), { send: "DATA\r\n" }, { reply: true }, ...body],
  },
];
