/**
 * Who does not wait is not laundered: real Postfix with postscreen after the filter in real Envoy. Each client has an
 * address of its own (PROXY protocol), since postscreen remembers those that it lists as good.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { waitFor } from "../../peers/net.js";
import { Postfix } from "../../peers/postfix.js";
import { RawClient } from "../../peers/smtp-client.js";
import { PolicyLab, proxyHeader } from "../support/policy-lab.js";
import { recipeOf } from "../support/recipes.js";

const TIME = 60_000;
const PROFILES = ["recommended", "strict"];
/** For a site that wants early bytes put in order and sent on: the recipes of the two pages. */
const SMOOTH = {
  ...recipeOf("client_talks_first").protections,
  ...recipeOf("improper_pipelining").protections,
};

let postfix: Postfix;
let lab: PolicyLab;

beforeAll(async () => {
  postfix = await Postfix.start({
    postscreen: true,
    settings: { postscreen_greet_action: "enforce", postscreen_greet_wait: "2s" },
  });
  const policies = PROFILES.flatMap((profile) => [
    { name: profile, policy: { stat_prefix: profile, profile } },
    { name: `${profile} smooth`, policy: { stat_prefix: `${profile}_smooth`, profile, protections: SMOOTH } },
  ]);
  lab = await PolicyLab.start(
    policies.map((each) => ({ ...each, upstream: postfix.port })),
    true,
  );
}, TIME);

afterAll(async () => {
  await lab?.stop();
  await postfix?.stop();
}, TIME);

beforeEach(() => postfix.clear());

let clients = 0;
/** An address that no client had before. */
const newAddress = (): string => `198.51.100.${++clients}`;

/** A connection of a new client: through a route of the lab, or to Postfix itself. */
async function arrive(route: string, early = ""): Promise<{ client: RawClient; address: string }> {
  const address = newAddress();
  let client: RawClient;
  if (route === "direct") {
    client = await RawClient.connect(postfix.port);
    client.send(proxyHeader(address, postfix.port) + early);
  } else client = await lab.connect(route, address, early);
  onTestFinished(() => client.destroy());
  return { client, address };
}

/** What Postfix's daemons logged about a client, `<daemon>: <text>`, up to the line that says that it is gone. */
async function logged(address: string, gone: RegExp): Promise<string[]> {
  let lines: string[] = [];
  await waitFor(async () => {
    lines = (await postfix.log())
      .split("\n")
      .filter((line) => line.includes(`[${address}]`))
      .map((line) => line.replace(/^.*? postfix\/(\w+)\[\d+\]: /, "$1: "));
    return lines.some((line) => gone.test(line));
  }, `${gone} about ${address}`);
  return lines;
}

const GONE = /: (?:DISCONNECT|disconnect) /;
const MAIL = [
  ...["MAIL FROM:<alice@example.org>", "RCPT TO:<bob@example.test>", "DATA"],
  ...["Subject: early", "", "hello", ".", "QUIT", ""],
].join("\r\n");
const early = { HELO: `HELO client.example.org\r\n${MAIL}`, EHLO: `EHLO client.example.org\r\n${MAIL}` };
const verbs = ["HELO", "EHLO"] as const;

describe.each(verbs)("%s and a whole mail before the greeting", (verb) => {
  test("direct: postscreen refuses its recipient", { timeout: TIME }, async () => {
    const { client, address } = await arrive("direct", early[verb]);
    expect(await client.closed()).toContain("\r\n550 5.5.1 Protocol error\r\n");
    const log = await logged(address, GONE);
    expect(log.filter((line) => line.includes("PREGREET"))).toHaveLength(1);
    expect(log.join("\n")).not.toContain("PASS");
    expect(await postfix.delivered(0)).toEqual([]);
  });

  test.each(PROFILES)("%s: it is gone before postscreen lists it", { timeout: TIME }, async (profile) => {
    const { client, address } = await arrive(profile, early[verb]);
    expect(await client.closed()).toMatch(
      /^(?:421 4\.7\.0 client_talks_first: connection closed by policy\r\n)?$/,
    );
    const log = await logged(address, GONE);
    // No PASS NEW, no PREGREET.
    expect(log).toEqual([
      expect.stringMatching(/^postscreen: CONNECT from /),
      expect.stringMatching(/^postscreen: HANGUP after .* in tests before SMTP handshake$/),
      expect.stringMatching(/^postscreen: DISCONNECT /),
    ]);
    expect(await lab.findings(profile, address)).toEqual(["client_talks_first early_bytes terminate"]);
    expect(await postfix.delivered(0)).toEqual([]);
  });
});

test.each(PROFILES)(
  "%s: who talks between the lines of the greeting is gone, too",
  { timeout: TIME },
  async (profile) => {
    const { client, address } = await arrive(profile);
    // postscreen has sent the first line, which waits in the filter for the last one.
    await logged(address, /CONNECT/);
    client.send(early.EHLO);
    await client.closed();
    expect(await logged(address, GONE)).toEqual([
      expect.stringMatching(/^postscreen: CONNECT from /),
      expect.stringMatching(/^postscreen: HANGUP after .* in tests before SMTP handshake$/),
      expect.stringMatching(/^postscreen: DISCONNECT /),
    ]);
    expect(await lab.findings(profile, address)).toEqual(["client_talks_first early_bytes terminate"]);
  },
);

test.each(PROFILES)(
  "%s: who waits is listed as good, and its mail arrives",
  { timeout: TIME },
  async (profile) => {
    const { client, address } = await arrive(profile);
    expect(await client.reply()).toMatch(/^220-mx\.example\.test .*\r\n220 mx\.example\.test /);
    expect(await client.ask("EHLO client.example.org")).toMatch(/^250-mx\.example\.test/);
    client.send("MAIL FROM:<alice@example.org>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n");
    expect((await client.replies(3)).map((reply) => reply.slice(0, 3))).toEqual(["250", "250", "354"]);
    expect(await client.ask("Subject: good\r\n\r\nhello\r\n.")).toMatch(/^250 2\.0\.0 /);
    expect(await client.ask("QUIT")).toMatch(/^221 /);
    const log = await logged(address, GONE);
    expect(log.filter((line) => line.startsWith("postscreen: "))).toEqual([
      expect.stringMatching(/^postscreen: CONNECT from /),
      expect.stringMatching(/^postscreen: PASS NEW /),
    ]);
    expect((await postfix.delivered(1)).map((copy) => copy.content)).toEqual([
      "Subject: good\r\n\r\nhello\r\n",
    ]);
    expect(await lab.findings(profile, address)).toEqual([]);
  },
);

test.each(PROFILES)(
  "%s smooth: listed as good and delivered, as the page says",
  { timeout: TIME },
  async (profile) => {
    const route = `${profile} smooth`;
    const { client, address } = await arrive(route, early.EHLO);
    expect(await client.closed()).toMatch(/\r\n250 2\.0\.0 Ok: queued as \w+\r\n221 2\.0\.0 Bye\r\n$/);
    const log = await logged(address, /smtpd: disconnect/);
    expect(log).toContainEqual(expect.stringMatching(/^postscreen: PASS NEW /));
    expect(log.join("\n")).not.toMatch(/PREGREET|improper command pipelining/);
    expect((await postfix.delivered(1)).map((copy) => copy.to)).toEqual(["bob@example.test"]);
    expect(await lab.findings(route, address)).toContain("client_talks_first early_bytes detect");
  },
);

describe("MAIL in the segment of EHLO", () => {
  const group = "EHLO client.example.org\r\nMAIL FROM:<alice@example.org>\r\n";
  const after = (transcript: string): string => transcript.slice(transcript.lastIndexOf("\r\n250 ") + 2);

  test("direct: 554 from Postfix", { timeout: TIME }, async () => {
    const { client, address } = await arrive("direct");
    await client.reply();
    client.send(group);
    expect(await client.closed()).toMatch(/\r\n554 5\.5\.0 Error: SMTP protocol synchronization\r\n$/);
    expect(await logged(address, /smtpd: disconnect/)).toContainEqual(
      expect.stringMatching(/^smtpd: improper command pipelining after EHLO /),
    );
  });

  test.each(PROFILES)(
    "%s: 421, and Postfix sees no more than EHLO and QUIT",
    { timeout: TIME },
    async (profile) => {
      const { client, address } = await arrive(profile);
      await client.reply();
      client.send(group);
      expect(after(await client.closed())).toMatch(
        /^250 \w+\r\n421 4\.7\.0 improper_pipelining: connection closed by policy\r\n$/,
      );
      expect(await logged(address, /smtpd: disconnect/)).toContainEqual(
        expect.stringMatching(/^smtpd: disconnect from unknown\[[\d.]+\] ehlo=1 quit=1 commands=2$/),
      );
      expect(await lab.findings(profile, address)).toEqual(["improper_pipelining last terminate"]);
    },
  );

  test.each(PROFILES)("%s smooth: Postfix sees it in order", { timeout: TIME }, async (profile) => {
    const route = `${profile} smooth`;
    const { client, address } = await arrive(route);
    await client.reply();
    client.send(group);
    expect(await client.reply()).toMatch(/^250-mx/);
    expect(await client.reply()).toMatch(/^250 2\.1\.0 /);
    expect(await client.ask("QUIT")).toMatch(/^221 /);
    const log = await logged(address, /smtpd: disconnect/);
    expect(log.join("\n")).not.toContain("improper command pipelining");
    expect(await lab.findings(route, address)).toEqual(["improper_pipelining last detect"]);
  });
});
