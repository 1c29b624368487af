/** The models of servers, of which host-test/exhaustive/ says that all read as the filter, held to the servers themselves. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DATA_READERS } from "../../exhaustive/models/end-of-data.js";
import { LINE_READERS } from "../../exhaustive/models/command-lines.js";
import { DOMAIN, type MailServer, type MailServerOptions } from "../../judges/mail-server.js";
import { inParallel } from "../../judges/parallel.js";
import { startAiosmtpd } from "../../judges/servers/aiosmtpd.js";
import { startExim } from "../../judges/servers/exim.js";
import { startNpmServer } from "../../judges/servers/npm.js";
import { startOpenSmtpd } from "../../judges/servers/opensmtpd.js";
import { startPostfix } from "../../judges/servers/postfix.js";
import { selfSigned } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";

/** Servers may have to be fetched first. */
const TIME = 400_000;
const AT_A_TIME = 6;
const END = "\r\n.\r\n";

interface Held {
  start: (options: MailServerOptions) => Promise<MailServer>;
  /** Names of the models that stand for it, as far as these tell them apart. */
  data: string;
  lines: string;
}

/** The default since 3.9, also for the networks that it trusts. */
const NORMALIZE = { smtpd_forbid_bare_newline: "normalize", smtpd_forbid_bare_newline_exclusions: "" };

const SERVERS: Record<string, Held> = {
  Postfix: {
    start: startPostfix,
    data: "Postfix, smtpd_forbid_bare_newline = no",
    lines: "Postfix, smtpd_forbid_bare_newline = no",
  },
  "Postfix that normalizes": {
    start: (options) => startPostfix(options, NORMALIZE),
    data: "Postfix, smtpd_forbid_bare_newline = normalize",
    lines: "Postfix, smtpd_forbid_bare_newline = normalize",
  },
  // Debian's 4.96 has the strict reading of 4.97.1.
  Exim: { start: startExim, data: "Exim, strict", lines: "Exim" },
  OpenSMTPD: { start: startOpenSmtpd, data: "OpenSMTPD", lines: "OpenSMTPD" },
  "aiosmtpd 1.4.6": {
    start: (options) => startAiosmtpd("1.4.6", options),
    data: "aiosmtpd since",
    lines: "aiosmtpd",
  },
  "aiosmtpd 1.4.4": {
    start: (options) => startAiosmtpd("1.4.4", options),
    data: "aiosmtpd to",
    lines: "aiosmtpd",
  },
  "smtp-server": { start: startNpmServer, data: "smtp-server", lines: "smtp-server" },
};

/** What stands before the data: nothing, a header whose line ends with CRLF, one whose line ends with LF. */
const HEADS = ["", "a: b\r\n\r\n", "a: b\n\n"];
/** What stands before a dot, and what after it. */
const BEFORE = ["", "x\r\n", "x\n", "x\r", "x\r\n\0", "x\n\r", "x\n\n", "x\r\0\n", "x\r\r\n"];
const AFTER = ["\n", "\r\n", "\r", "\r\r\n", "\0\r\n", "\0x\r\n", "\0\n", "x\r\n", "\r\0\n"];
const STRINGS = HEADS.flatMap((head) =>
  BEFORE.flatMap((before) => AFTER.map((after) => `${head}${before}.${after}`)),
);

/** Lines that are `NOOP` for some and not for others. */
const SPELLINGS = ["NOOP", " NOOP", "\tNOOP", "NOOP\t", "NOOP\tx", "NOOP\r", "NOOP\r\r", "NOOP\rx"];
const WITH_NUL = ["NOOP\0", "NOOP\0x", "NO\0OP", "\0NOOP"];
/** Strings whose lines are counted. None has more than two unknown commands: servers hang up on them. */
const LINES = ["A\n", "A\r", "\n", "A\rA", "A\nA", "A\0\nA", "\r", " \n", "A\r\r", "A\r\n", "\0\n", "\n\r"];

/** Opens a session and says EHLO. */
async function opened(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port);
  await client.reply();
  await client.ask("EHLO client.test");
  return client;
}

/** Says QUIT, waits for the end and returns how many replies there were after the one to EHLO and before that to QUIT. */
async function repliesUntilQuit(client: RawClient): Promise<number> {
  client.send("QUIT\r\n");
  const transcript = await client.closed();
  return [...transcript.matchAll(/^\d{3}(?: .*)?\r?$/gm)].length - 3;
}

/** Whether the server took the real end of data for the first one. */
async function readsToRealEnd(port: number, data: string): Promise<boolean> {
  const client = await opened(port);
  for (const command of ["MAIL FROM:<a@client.test>", `RCPT TO:<b@${DOMAIN}>`, "DATA"])
    await client.ask(command);
  client.send(data + END);
  await client.reply();
  client.send("RSET\r\n");
  // What comes after another end is a command, and is refused before RSET is accepted, or the server hangs up on it.
  const next = await client.reply().catch(() => "closed");
  client.destroy();
  return next.startsWith("250");
}

describe.each(Object.entries(SERVERS))("%s", (_name, held) => {
  let judge: MailServer;
  const model = DATA_READERS.find(({ name }) => name.startsWith(held.data));
  const lineModel = LINE_READERS.find(({ name }) => name.startsWith(held.lines));
  if (model === undefined || lineModel === undefined) throw new Error(`no model for ${held.data}`);

  beforeAll(async () => {
    judge = await held.start(await selfSigned());
  }, TIME);
  afterAll(() => judge?.stop(), TIME);

  test(
    "ends data where its model does",
    async () => {
      const expected = STRINGS.map((data) => model.end(data + END) === (data + END).length);
      const seen = new Map<string, boolean>();
      await inParallel(STRINGS, AT_A_TIME, async (data) => {
        seen.set(data, await readsToRealEnd(judge.port, data));
      });
      expect(STRINGS.filter((data, at) => seen.get(data) !== expected[at])).toEqual([]);
      // Both kinds are there.
      expect(expected.filter((real) => real).length).toBeGreaterThan(50);
      expect(expected.filter((real) => !real).length).toBeGreaterThan(5);
    },
    TIME,
  );

  test("takes for NOOP what its model does", async () => {
    const seen: [string, boolean][] = [];
    for (const line of [...SPELLINGS, ...WITH_NUL]) {
      const client = await opened(judge.port);
      seen.push([line, (await client.ask(line)).startsWith("250")]);
      client.destroy();
    }
    const isNoop = (line: string): boolean =>
      lineModel.lines(`${line}\r\n`).map(lineModel.verb)[0] === "NOOP";
    expect(seen).toEqual(seen.map(([line]) => [line, isNoop(line)]));
  });

  // OpenSMTPD hangs up on a second line that comes with the first.
  const countable = held.lines !== "OpenSMTPD";
  (countable ? test : () => {})("counts lines as its model does", async () => {
    const counts: [string, number][] = [];
    for (const text of LINES) {
      const client = await opened(judge.port);
      client.send(`${text}\r\n`);
      counts.push([text, await repliesUntilQuit(client)]);
    }
    expect(counts).toEqual(LINES.map((text) => [text, lineModel.lines(`${text}\r\n`).length]));
  });
});
