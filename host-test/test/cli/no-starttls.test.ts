/**
 * The attacks of "NO STARTTLS" (Poddebniak and others, USENIX Security 2021) that concern SMTP, on both sides of the filter,
 * with real TLS. Names and numbers of sections are the paper's.
 */
import { readFileSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { selfSigned } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";
import { clientOf, policyFile, RunningProxy } from "../support/running-proxy.js";
import { connected, inside } from "../support/tls-client.js";
import { ClearServer, type ServerWords } from "./clear-server.js";

let made: { directory: string; cert: string; key: string };
beforeAll(async () => void (made = await selfSigned()));
afterAll(() => rmSync(made.directory, { recursive: true }));

/** A session that cannot be ended by QUIT is closed after a second. */
const policyOf = (starttls: object): string =>
  JSON.stringify({ starttls, limits: { close_deadline_ms: 1000 } });

async function between(starttls: object, words: ServerWords = {}): Promise<[RunningProxy, ClearServer]> {
  const pair = { cert: readFileSync(made.cert), key: readFileSync(made.key) };
  const server = await ClearServer.start(pair, words);
  const args = ["--to", `127.0.0.1:${server.port}`, "--policy", policyFile(policyOf(starttls))];
  if ("terminate" in starttls) args.push("--cert", made.cert, "--key", made.key);
  if ("originate" in starttls) args.push("--upstream-tls", "--upstream-ca", made.cert);
  return [await RunningProxy.start(args), server];
}

/** A client that has said EHLO and these commands in clear, and STARTTLS, which was answered with 220. */
async function clearSession(
  proxy: RunningProxy,
  commands: string[],
): Promise<{ socket: Socket; clear: string[] }> {
  const socket = await connected(proxy.port);
  const client = RawClient.over(socket);
  const clear = [await client.reply()];
  for (const command of ["EHLO evil.example", ...commands]) clear.push(await client.ask(command));
  expect(await client.ask("STARTTLS")).toBe("220 2.0.0 Ready to start TLS");
  socket.removeAllListeners("data");
  return { socket, clear };
}

/** A client after its EHLO in clear. */
async function greeted(proxy: RunningProxy): Promise<{ client: RawClient; offer: string }> {
  const client = await clientOf(proxy.port);
  await client.reply();
  return { client, offer: await client.ask("EHLO client.example.org") };
}

describe("command injection (4.1): what a client says after STARTTLS in clear", () => {
  test.each(["MAIL FROM:<evil@example.org>\r\n", "STARTTLS\r\n", "EHLO evil.example\r\n", "R", "\r\n"])(
    "%j in the same segment is never read, in clear or inside",
    async (injected) => {
      const [proxy, server] = await between({ terminate: true });
      const { client } = await greeted(proxy);
      client.send(`STARTTLS\r\n${injected}`);
      const said = await client.closed();
      expect(said).toMatch(/\r\n421 4\.7\.0 starttls_injection: connection closed by policy\r\n$/);
      expect(said).not.toContain("220 2.0.0");
      expect(server.got).toEqual(["EHLO client.example.org", "QUIT"]);
    },
  );

  test("a command between the 220 and the hello is part of the handshake, which fails", async () => {
    const [proxy, server] = await between({ terminate: true });
    const { client } = await greeted(proxy);
    expect(await client.ask("STARTTLS")).toBe("220 2.0.0 Ready to start TLS");
    client.send("EHLO evil.example\r\nMAIL FROM:<evil@example.org>\r\n");
    expect((await client.closed()).split("220 2.0.0 Ready to start TLS\r\n")[1]).not.toMatch(/^\d{3}[ -]/m);
    expect(server.got).toEqual(["EHLO client.example.org", "NOOP"]);
  });
});

describe("session fixation: what was said before TLS is forgotten", () => {
  test("the name, the transaction and the offers of the clear session", async () => {
    const [proxy, server] = await between({ terminate: true });
    const { socket, clear } = await clearSession(proxy, [
      "MAIL FROM:<evil@example.org>",
      "RCPT TO:<x@y.org>",
    ]);
    expect(clear.at(-1)).toBe("250 2.0.0 RCPT TO:<x@y.org>");
    const { client } = await inside(socket, made.cert);
    for (const command of [
      "DATA",
      "RCPT TO:<b@example.org>",
      "MAIL FROM:<a@example.org>",
      "BOGUS",
      "AUTH PLAIN AGEAYg==",
    ])
      expect(await client.ask(command)).toBe("503 5.5.1 Send EHLO first");
    expect(await client.ask("EHLO client.example.org")).toBe("250 mx.example.test");
    expect(server.got.slice(-2)).toEqual(["NOOP", "EHLO client.example.org"]);
  });

  test("a client that has authenticated in clear gets no TLS, in which it would stay so", async () => {
    const [proxy, server] = await between({ terminate: true });
    const { client } = await greeted(proxy);
    expect(await client.ask("AUTH PLAIN AGEAYg==")).toBe("235 2.7.0 welcome");
    expect(await client.ask("STARTTLS")).toBe("503 5.5.1 STARTTLS must come before AUTH");
    expect(await client.ask("RSET")).toBe("250 2.0.0 RSET");
    expect(server.got).not.toContain("STARTTLS");
  });

  test("AUTH in clear is refused where TLS is required for it, and TLS begins all the same", async () => {
    const [proxy] = await between({ terminate: true, require: "auth" });
    const { client } = await greeted(proxy);
    expect(await client.ask("AUTH LOGIN")).toBe(
      "538 5.7.11 Encryption required for requested authentication mechanism",
    );
    expect(await client.ask("STARTTLS")).toBe("220 2.0.0 Ready to start TLS");
  });

  test("STARTTLS inside TLS is neither offered nor taken", async () => {
    const [proxy, server] = await between(
      { terminate: true },
      { ehlo: "250-mx.example.test\r\n250 STARTTLS\r\n" },
    );
    const { socket } = await clearSession(proxy, []);
    const { client } = await inside(socket, made.cert);
    expect(await client.ask("STARTTLS")).toBe("503 5.5.1 TLS is on already");
    expect(await client.ask("EHLO client.example.org")).toBe("250 mx.example.test");
    expect(await client.ask("STARTTLS")).toBe("503 5.5.1 TLS is on already");
    expect(server.got).not.toContain("STARTTLS");
  });
});

describe("downgrade (5): STARTTLS taken out or refused on the way to the server", () => {
  const REFUSAL = /421 4\.7\.0 starttls_unavailable: connection closed by policy\r\n$/;

  test.each([
    ["stripped", "250-mx.example.test\r\n250 AUTH PLAIN\r\n"],
    ["misspelt", "250-mx.example.test\r\n250 XTARTTLS\r\n"],
    ["stripped with everything else", "250 mx.example.test\r\n"],
    ["in the line with the server's name only", "250-STARTTLS\r\n250 SIZE\r\n"],
  ])("%s: with always nothing but EHLO leaves in clear", async (_how, ehlo) => {
    const [proxy, server] = await between({ originate: "always" }, { ehlo });
    const client = await clientOf(proxy.port);
    await client.reply();
    client.send("EHLO client.example.org\r\nAUTH PLAIN AGEAYg==\r\n");
    const said = await client.closed();
    expect(said).toMatch(REFUSAL);
    expect(said).not.toMatch(/^250/m);
    expect(server.got).toEqual(["EHLO client.example.org", "QUIT"]);
  });

  test.each([
    "454 4.7.0 no",
    "501 no",
    "502 no",
    "421 bye",
    "250 2.0.0 ok",
    "221 bye",
    "235 in",
    "334 ",
    "354 go",
    "200 x",
    "22 go",
    "220go",
  ])("%j in place of the 220: no TLS, and nothing but QUIT after it", async (reply) => {
    const [proxy, server] = await between({ originate: "always" }, { starttls: `${reply}\r\n` });
    const client = await clientOf(proxy.port);
    await client.reply();
    client.send("EHLO client.example.org\r\n");
    const said = await client.closed();
    expect(said).toMatch(/\r\n421 4\.7\.0 \w+: connection closed by policy\r\n$/);
    expect(said).not.toMatch(/^250/m);
    const [hello, asked, ...rest] = server.got;
    expect([hello, asked]).toEqual(["EHLO client.example.org", "STARTTLS"]);
    expect(rest.filter((line) => line !== "QUIT")).toEqual([]);
  });

  test("AUTH offered in clear reaches no client: it gets the reply from inside", async () => {
    const [proxy, server] = await between(
      { originate: "always" },
      {
        ehlo: "250-evil.example\r\n250-AUTH PLAIN LOGIN\r\n250-SIZE 1\r\n250 STARTTLS\r\n",
        inside: "250-mx.example.test\r\n250-STARTTLS\r\n250 AUTH SCRAM-SHA-256\r\n",
      },
    );
    const { client, offer } = await greeted(proxy);
    expect(offer).toBe("250-mx.example.test\r\n250 AUTH SCRAM-SHA-256");
    expect(client.transcript).not.toContain("evil");
    expect(server.got).toEqual(["EHLO client.example.org", "STARTTLS", "tls EHLO client.example.org"]);
  });
});

describe("response injection (4.2): what a server is made to say in clear", () => {
  const INJECTION = /421 4\.7\.0 starttls_reply_injection: connection closed by policy\r\n$/;

  test.each(["250-evil.example\r\n250 AUTH PLAIN\r\n", "2", "\0", "334 UGFzc3dvcmQ6\r\n"])(
    "%j after the 220 is not read as inside TLS",
    async (injected) => {
      const words = { starttls: `220 2.0.0 go\r\n${injected}` };
      const [proxy, server] = await between({ originate: "offered" }, words);
      const client = await clientOf(proxy.port);
      await client.reply();
      client.send("EHLO client.example.org\r\n");
      const said = await client.closed();
      expect(said).toMatch(INJECTION);
      expect(said).not.toMatch(/evil|^334|^250/m);
      expect(server.got.slice(0, 2)).toEqual(["EHLO client.example.org", "STARTTLS"]);
      expect(server.got.slice(2).join("")).not.toMatch(/EHLO|AUTH|QUIT/);
    },
  );

  test("a 220 before STARTTLS was said begins no TLS", async () => {
    const words = { ehlo: "250-mx.example.test\r\n250 STARTTLS\r\n220 2.0.0 go\r\n" };
    const [proxy, server] = await between({ originate: "offered" }, words);
    const client = await clientOf(proxy.port);
    await client.reply();
    client.send("EHLO client.example.org\r\n");
    expect(await client.closed()).toMatch(INJECTION);
    expect(server.got).toEqual(["EHLO client.example.org", "QUIT"]);
  });

  test("a reply to EHLO with the greeting opens nothing", async () => {
    const words = { greeting: "220 mx.example.test ESMTP\r\n250-evil.example\r\n250 AUTH PLAIN\r\n" };
    const [proxy, server] = await between({ originate: "always" }, words);
    const client = await clientOf(proxy.port);
    expect(await client.closed()).toBe(
      "220 mx.example.test ESMTP\r\n421 4.7.0 unsolicited_reply: connection closed by policy\r\n",
    );
    expect(server.got.filter((line) => line !== "QUIT")).toEqual([]);
  });
});
