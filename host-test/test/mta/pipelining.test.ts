/**
 * Law 6 on a real Postfix behind real Envoy: rejecting one command of a pipelined group changes nothing about the
 * others. The groups go out in one segment, and in several with pauses, so that each is a read of its own.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { MtaLab } from "../support/mta-lab.js";
import { Postfix } from "../../peers/postfix.js";
import { RawClient } from "../../peers/smtp-client.js";

const TIME = 60_000;
const MESSAGE = "Subject: group\r\n\r\nhello\r\n";

let postfix: Postfix;
let lab: MtaLab;
let port: number;

beforeAll(async () => {
  postfix = await Postfix.start();
  lab = await MtaLab.start({ postfix: postfix.port });
  port = lab.port("postfix", "recommended");
}, TIME);

afterAll(async () => {
  await lab?.stop();
  await postfix?.stop();
}, TIME);

beforeEach(() => postfix.clear());

const MAIL = "MAIL FROM:<alice@example.org>";
const GOOD1 = "RCPT TO:<good1@example.test>";
const GOOD2 = "RCPT TO:<good2@example.test>";
const ROOT = "RCPT TO:<root>";

/** Codes of the replies to `commands` in order, and who got the message. `DATA` may stand only at the end. */
interface Case {
  name: string;
  commands: string[];
  codes: string[];
  recipients: string[];
  findings: string[];
}

const cases: Case[] = [
  {
    name: "nothing to reject",
    commands: [MAIL, GOOD1, GOOD2, "DATA"],
    codes: ["250 2.1.0", "250 2.1.5", "250 2.1.5", "354 End d"],
    recipients: ["good1@example.test", "good2@example.test"],
    findings: [],
  },
  {
    name: "a recipient in the middle",
    commands: [MAIL, GOOD1, ROOT, GOOD2, "DATA"],
    codes: ["250 2.1.0", "250 2.1.5", "550 5.7.1", "250 2.1.5", "354 End d"],
    recipients: ["good1@example.test", "good2@example.test"],
    findings: ["recipient_no_domain reject"],
  },
  {
    name: "the first recipient",
    commands: [MAIL, ROOT, GOOD1, "DATA"],
    codes: ["250 2.1.0", "550 5.7.1", "250 2.1.5", "354 End d"],
    recipients: ["good1@example.test"],
    findings: ["recipient_no_domain reject"],
  },
  {
    name: "the last recipient before DATA",
    commands: [MAIL, GOOD1, ROOT, "DATA"],
    codes: ["250 2.1.0", "250 2.1.5", "550 5.7.1", "354 End d"],
    recipients: ["good1@example.test"],
    findings: ["recipient_no_domain reject"],
  },
  {
    name: "several in a row",
    commands: [MAIL, ROOT, ROOT, GOOD1, ROOT, ROOT, ROOT, GOOD2, "DATA"],
    codes: [
      ...["250 2.1.0", "550 5.7.1", "550 5.7.1", "250 2.1.5"],
      ...["550 5.7.1", "550 5.7.1", "550 5.7.1", "250 2.1.5", "354 End d"],
    ],
    recipients: ["good1@example.test", "good2@example.test"],
    findings: new Array<string>(5).fill("recipient_no_domain reject"),
  },
  {
    name: "a private command first",
    commands: ["XADR", MAIL, GOOD1, "DATA"],
    codes: ["502 5.5.1", "250 2.1.0", "250 2.1.5", "354 End d"],
    recipients: ["good1@example.test"],
    findings: ["private_command reject"],
  },
  {
    name: "a private command in the middle",
    commands: [MAIL, "XADR", GOOD1, "XADR", GOOD2, "DATA"],
    codes: ["250 2.1.0", "502 5.5.1", "250 2.1.5", "502 5.5.1", "250 2.1.5", "354 End d"],
    recipients: ["good1@example.test", "good2@example.test"],
    findings: ["private_command reject", "private_command reject"],
  },
  {
    name: "only bad recipients: DATA has none, as if they had not been sent",
    commands: [MAIL, ROOT, ROOT, "DATA"],
    codes: ["250 2.1.0", "550 5.7.1", "550 5.7.1", "554 5.5.1"],
    recipients: [],
    findings: ["recipient_no_domain reject", "recipient_no_domain reject"],
  },
  {
    name: "a private command last",
    commands: [MAIL, GOOD1, "XADR"],
    codes: ["250 2.1.0", "250 2.1.5", "502 5.5.1"],
    recipients: ["good1@example.test"],
    findings: ["private_command reject"],
  },
  {
    name: "nothing but private commands",
    commands: ["XADR", "XADR", "XADR"],
    codes: ["502 5.5.1", "502 5.5.1", "502 5.5.1"],
    recipients: [],
    findings: new Array<string>(3).fill("private_command reject"),
  },
];

/** How a group is cut into segments, and how long the client waits between them. */
const cuts: { name: string; pauseMs: number; segments: (group: string[]) => string[] }[] = [
  { name: "one segment", pauseMs: 0, segments: (group) => [group.join("")] },
  { name: "a segment each command", pauseMs: 20, segments: (group) => group },
  // The replies to the first segments cross the later ones on the way.
  { name: "a segment each command, close together", pauseMs: 0, segments: (group) => group },
  // Each segment is the end of one command and the start of the next.
  {
    name: "cut inside every command",
    pauseMs: 20,
    segments: (group) => {
      const starts = group.map((_line, index) => group.slice(0, index).join("").length + 4);
      const whole = group.join("");
      return [0, ...starts].map((start, index) => whole.slice(start, starts[index] ?? whole.length));
    },
  },
];

describe.each(cuts)("$name", ({ segments, pauseMs }) => {
  test.each(cases)("$name", { timeout: TIME }, async ({ commands, codes, recipients, findings }) => {
    const client = await RawClient.connect(port);
    onTestFinished(() => client.destroy());
    await client.reply();
    await client.ask("EHLO client.example.org");
    await client.sendSlowly(segments(commands.map((command) => `${command}\r\n`)), pauseMs);
    const replies = await client.replies(codes.length);
    expect(replies.map((reply) => reply.slice(0, 9))).toEqual(codes);
    // The session goes on as if the rejected commands had never been: the transaction ends as it began.
    if (recipients.length > 0 && commands.at(-1) !== "DATA") {
      expect(await client.ask("DATA")).toMatch(/^354 /);
    }
    if (recipients.length > 0) expect(await client.ask(`${MESSAGE}.`)).toMatch(/^250 2\.0\.0 /);
    expect(await client.ask("RSET")).toMatch(/^250 2\.0\.0 /);
    expect(await client.ask("QUIT")).toMatch(/^221 2\.0\.0 /);
    await client.closed();
    const copies = await postfix.delivered(recipients.length);
    expect(copies.map((copy) => copy.to)).toEqual(recipients);
    expect(copies.every((copy) => copy.content === MESSAGE)).toBe(true);
    expect(await lab.findings(port)).toEqual(findings);
  });
});

test("Postfix holds none of it against the client", async () => {
  const log = await postfix.log();
  expect(log).not.toMatch(/improper command pipelining|too many errors|non-SMTP command|lost connection/);
});
