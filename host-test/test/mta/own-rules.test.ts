/**
 * Rules of the operator's own before a real Postfix, one policy for each port as in envoy/README.md: mail programs deliver
 * without what is forbidden, and who uses it all the same is refused.
 */
import { alertsIn } from "../../workbench/events.js";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { projectRoot } from "../../cli/front.js";
import { NodeProxy } from "../../cli/node-proxy.js";
import { Plugin } from "../../host/plugin.js";
import { Postfix } from "../../peers/postfix.js";
import { RawClient } from "../../peers/smtp-client.js";
import { EximClient } from "../support/exim-client.js";
import { swaks } from "../support/swaks.js";

const TIME = 60_000;
const FORBIDDEN = ["CHUNKING", "PIPELINING", "SMTPUTF8", "DSN", "ETRN", "VRFY"];
const POLICIES = {
  mx: { ehlo_keywords: { deny: FORBIDDEN }, commands: { deny: ["EXPN"] } },
  submission: {
    profile: "submission",
    commands: {
      allow: ["EHLO", "HELO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "AUTH"],
      reply: "550 5.7.1 Not on the submission port",
    },
    ehlo_keywords: { allow: ["SIZE", "8BITMIME", "PIPELINING", "ENHANCEDSTATUSCODES", "AUTH"] },
  },
};

let postfix: Postfix;
const proxies = new Map<string, NodeProxy>();
const logged: string[] = [];

beforeAll(async () => {
  postfix = await Postfix.start();
  const module = new WebAssembly.Module(readFileSync(join(projectRoot(), "build/smtp-inspector.wasm")));
  for (const [name, policy] of Object.entries(POLICIES)) {
    const proxy = await NodeProxy.start({
      load: () => Plugin.load(module, { configuration: JSON.stringify(policy) }),
      listen: { host: "127.0.0.1", port: 0 },
      upstream: { host: "127.0.0.1", port: postfix.port },
      onError: (message) => expect.unreachable(message),
    });
    proxy.serving.onLog = ({ message }) => logged.push(message);
    proxies.set(name, proxy);
  }
}, TIME);

afterAll(async () => {
  for (const proxy of proxies.values()) await proxy.stop();
  await postfix?.stop();
}, TIME);

beforeEach(async () => {
  logged.length = 0;
  await postfix.clear();
});

const portOf = (name: string): number => (proxies.get(name) as NodeProxy).port;

async function connect(name: string): Promise<RawClient> {
  const client = await RawClient.connect(portOf(name));
  onTestFinished(() => client.destroy());
  await client.reply();
  return client;
}

/** What was found, in the form of the pages. */
const findings = (): string[] =>
  (alertsIn(logged.map((message) => ({ message }))) as Record<string, string>[]).map(
    ({ protection, reason, action, reply }) => `${protection} ${reason} ${action} ${reply}`,
  );

const MAIL = ["--from", "alice@example.org", "--to", "bob@example.test", "--data", "Subject: s\\n\\nhello"];

describe.each(["mx", "submission"])("%s", (name) => {
  test("swaks delivers, and finds none of it offered", { timeout: TIME }, async () => {
    const { exitCode, transcript } = await swaks(portOf(name), MAIL);
    expect(exitCode, transcript).toBe(0);
    const [, offers = ""] = /EHLO client\.example\.org\n([^]*?)\n -> /.exec(transcript) ?? [];
    expect(offers).toMatch(/^<- {2}250-SIZE/m);
    for (const keyword of ["CHUNKING", "SMTPUTF8", "DSN", "ETRN", "VRFY"])
      expect(offers).not.toContain(keyword);
    expect(offers.includes("PIPELINING")).toBe(name === "submission");
    expect(offers).toMatch(/^<- {2}250 \S+$/m);
    expect((await postfix.delivered(1)).map(({ content }) => content)).toEqual([
      "Subject: s\r\n\r\nhello\r\n",
    ]);
    expect(findings()).toEqual([]);
  });

  test("nodemailer delivers", { timeout: TIME }, async () => {
    const transport = createTransport({ host: "127.0.0.1", port: portOf(name), ignoreTLS: true });
    onTestFinished(() => transport.close());
    const envelope = { from: "alice@example.org", to: "bob@example.test" };
    await transport.sendMail({ envelope, raw: "Subject: n\r\n\r\nhello\r\n" });
    expect((await postfix.delivered(1)).map(({ content }) => content)).toEqual([
      "Subject: n\r\n\r\nhello\r\n",
    ]);
    expect(findings()).toEqual([]);
  });

  test("Exim, which prefers BDAT, delivers by DATA", { timeout: TIME }, async () => {
    const client = await EximClient.start(portOf(name), false);
    onTestFinished(() => client.stop());
    await client.send("alice@example.org", ["bob@example.test"], "Subject: x\n\nhello\n");
    expect((await postfix.delivered(1)).map(({ content }) => /\r\n\r\n([^]*)/.exec(content)?.[1])).toEqual([
      "hello\r\n",
    ]);
    // In Exim's log "K" says that it was BDAT.
    expect(await client.log()).not.toMatch(/=>.* K /);
    expect(findings()).toEqual([]);
  });

  test("BDAT all the same ends the session, and its payload is not read", { timeout: TIME }, async () => {
    const client = await connect(name);
    await client.ask("EHLO client.example.org");
    await client.ask("MAIL FROM:<alice@example.org>");
    await client.ask("RCPT TO:<bob@example.test>");
    const payload = "RSET\r\nMAIL FROM:<eve@example.org>\r\n";
    client.send(`BDAT ${payload.length} LAST\r\n${payload}`);
    expect(await client.reply()).toMatch(
      /^421 4\.7\.0 forbidden_(extension|command): connection closed by policy$/,
    );
    await client.closed();
    expect(findings()[0]).toMatch(/^forbidden_(extension|command) (verb|not_allowed) terminate 421 4\.7\.0$/);
  });
});

test(
  "the ports differ: the reply of the operator's own, and what each forbids",
  { timeout: TIME },
  async () => {
    const mx = await connect("mx");
    await mx.ask("EHLO client.example.org");
    expect(await mx.ask("VRFY bob@example.test")).toBe("502 5.5.1 forbidden_extension: rejected by policy");
    expect(await mx.ask("EXPN staff")).toBe("502 5.5.1 forbidden_command: rejected by policy");
    expect(await mx.ask("MAIL FROM:<a@example.org> RET=HDRS")).toBe(
      "502 5.5.1 forbidden_extension: rejected by policy",
    );
    expect(await mx.ask("HELP")).not.toMatch(/policy/);
    mx.send("RSET\r\nNOOP\r\n");
    expect(await mx.replies(2)).toEqual([
      "250 2.0.0 Ok",
      "502 5.5.1 forbidden_extension: rejected by policy",
    ]);
    expect(await mx.ask("QUIT")).toMatch(/^221 /);
    const submission = await connect("submission");
    await submission.ask("EHLO client.example.org");
    for (const command of ["VRFY bob@example.test", "HELP", "ETRN example.test"])
      expect(await submission.ask(command)).toBe("550 5.7.1 Not on the submission port");
    submission.send("RSET\r\nNOOP\r\n");
    expect(await submission.replies(2)).toEqual(["250 2.0.0 Ok", "250 2.0.0 Ok"]);
    expect(await submission.ask("QUIT")).toMatch(/^221 /);
    // What is not offered is also found as such by others.
    expect(findings().filter((each) => each.startsWith("forbidden_"))).toEqual([
      "forbidden_extension verb reject 502 5.5.1",
      "forbidden_command denied reject 502 5.5.1",
      "forbidden_extension parameter reject 502 5.5.1",
      "forbidden_extension pipelining reject 502 5.5.1",
      "forbidden_command not_allowed reject 550 5.7.1",
      "forbidden_command not_allowed reject 550 5.7.1",
      "forbidden_command not_allowed reject 550 5.7.1",
      "forbidden_extension verb reject 502 5.5.1",
    ]);
  },
);
