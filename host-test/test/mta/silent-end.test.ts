/**
 * Inside message data there is no place for a reply, so that a session that is ended there ends without a word: what a
 * real client makes of it, with real Postfix after real Envoy.
 */
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Postfix } from "../../peers/postfix.js";
import { PolicyLab } from "../support/policy-lab.js";

const TIME = 60_000;
const ADDRESS = "203.0.113.5";

interface Ended {
  id: string;
  line: string;
  protections: object;
}

const CASES: Ended[] = [
  { id: "smuggled_end_of_data", line: "a\r.\rb", protections: {} },
  {
    id: "bare_newline_in_data",
    line: "a\rb",
    protections: { bare_newline_in_data: { mode: "prevent", action: "terminate" } },
  },
  {
    id: "nul_in_data",
    line: "a\0b",
    protections: { nul_in_data: { mode: "prevent", action: "terminate" } },
  },
];

let postfix: Postfix;
let lab: PolicyLab;

beforeAll(async () => {
  postfix = await Postfix.start();
  lab = await PolicyLab.start(
    CASES.map(({ id, protections }) => ({
      name: id,
      upstream: postfix.port,
      policy: { stat_prefix: "silent", protections },
    })),
  );
}, TIME);

afterAll(async () => {
  await lab?.stop();
  await postfix?.stop();
}, TIME);

/** Sends one message; what nodemailer says of it. */
async function send(name: string, line: string): Promise<unknown> {
  const connection = await lab.socket(name, ADDRESS);
  onTestFinished(() => void connection.destroy());
  const transport = createTransport({ connection, name: "client.example.org", ignoreTLS: true });
  const envelope = { from: "alice@example.org", to: ["bob@example.test"] };
  const raw = Buffer.from(`Subject: x\r\n\r\n${line}\r\n`, "latin1");
  return transport.sendMail({ envelope, raw }).catch((error: unknown) => error);
}

/** The finding, no delivery, and what Postfix says of it: it drops what it has. */
async function expectDropped(id: string): Promise<void> {
  const found = await lab.findings(id, ADDRESS);
  expect(found).toContainEqual(expect.stringMatching(`^${id} \\w+ terminate$`));
  expect(await postfix.delivered(0)).toEqual([]);
  expect(await postfix.log()).toMatch(/lost connection after DATA \(\d+ bytes\) from/);
}

test.each(CASES)("$id: nothing comes after 354", { timeout: TIME }, async ({ id, line }) => {
  const client = await lab.connect(id, ADDRESS);
  onTestFinished(() => client.destroy());
  await client.reply();
  for (const command of [
    "EHLO client.example.org",
    "MAIL FROM:<a@example.org>",
    "RCPT TO:<b@example.test>",
  ]) {
    expect(await client.ask(command)).toMatch(/^250/);
  }
  expect(await client.ask("DATA")).toMatch(/^354 /);
  client.send(`Subject: x\r\n\r\n${line}\r\n.\r\n`);
  expect(await client.closed()).toMatch(/354 End data with <CR><LF>\.<CR><LF>\r\n$/);
  await expectDropped(id);
});

// Of the three, nodemailer sends only this one as it is: it makes CRLF of other line ends, and stuffs dots.
test("nul_in_data: nodemailer sees a lost connection", { timeout: TIME }, async () => {
  const error = (await send("nul_in_data", "a\0b")) as Error & { code: string; responseCode?: number };
  expect(error).toBeInstanceOf(Error);
  // No reply code: to a sender with a queue a lost connection is a reason to try again (RFC 5321 4.5.4.1).
  expect(error.responseCode).toBeUndefined();
  // Which of the two it is depends on whether its last bytes had been read when the connection was closed.
  expect([
    ["ECONNECTION", "Connection closed unexpectedly"],
    ["ESOCKET", "read ECONNRESET"],
  ]).toContainEqual([error.code, error.message]);
  await expectDropped("nul_in_data");
});

test("the same client's ordinary mail arrives", { timeout: TIME }, async () => {
  expect(await send("smuggled_end_of_data", "a line")).toMatchObject({ accepted: ["bob@example.test"] });
  const [copy] = await postfix.delivered(1);
  expect(copy?.content).toBe("Subject: x\r\n\r\na line\r\n");
});
