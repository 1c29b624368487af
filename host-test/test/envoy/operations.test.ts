/** `envoy/README.md`: every piece of configuration on it in its place, and what it says of stopping and addresses. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { EnvoyProcess } from "../../host/envoy-process.js";
import { Plugin } from "../../host/plugin.js";
import { KeepingServer } from "../../peers/mail.js";
import { waitFor } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { ACCEPTED, validated } from "../support/envoy-validate.js";
import { blocks, withFragment, withServer } from "../support/fragments.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const WASM = `${ROOT}build/smtp-inspector.wasm`;
const YAML = readFileSync(`${ROOT}envoy/envoy.yaml`, "utf8");
const PAGE = readFileSync(`${ROOT}envoy/README.md`, "utf8");
/** The page's blocks, by a word that is only in one of them. */
const fragment = (word: string): string => {
  const found = blocks(PAGE, "yaml").filter((block) => block.includes(word));
  if (found.length !== 1) throw new Error(`${found.length} blocks have ${word}`);
  return found[0] as string;
};

const binary = await envoyOrNull("the operations page in Envoy");

interface Lab {
  envoy: EnvoyProcess;
  port: number;
}

/** Envoy with envoy.yaml and a piece of the page in it, stopped at the end of the test. */
async function start(upstream: number, piece = "{}", policy?: object): Promise<Lab> {
  const bootstrap = withServer(withFragment(YAML, piece, WASM), upstream, policy);
  const envoy = await EnvoyProcess.start({ binary: binary as string, bootstrap });
  onTestFinished(() => envoy.stop());
  return { envoy, port: (await envoy.ports()).get("smtp") as number };
}

async function keepingServer(): Promise<KeepingServer> {
  const server = await KeepingServer.start();
  onTestFinished(() => server.stop());
  return server;
}

async function open(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port);
  onTestFinished(() => client.destroy());
  return client;
}

/** A private command of source `passing`, as the load balancer names it, reaches the server; that of `refused` does not. */
async function expectOnlyToPass(port: number, passing: string, refused: string): Promise<void> {
  const reply = async (source: string): Promise<string> => {
    const client = await open(port);
    client.send(`PROXY TCP4 ${source} 192.0.2.1 40000 25\r\n`);
    expect(await client.reply()).toMatch(/^220 /);
    return client.ask("XADR");
  };
  expect(await reply(passing)).toBe("500 Error: command not recognized");
  expect(await reply(refused)).toBe("502 5.5.1 private_command: rejected by policy");
}

describe("the page's policies", () => {
  test("are accepted by the filter", () => {
    const wasm = new WebAssembly.Module(readFileSync(WASM));
    const policies = blocks(PAGE, "json");
    expect(policies).toHaveLength(5);
    for (const configuration of policies) Plugin.load(wasm, { configuration }).shutdown();
  });
});

describe.skipIf(binary === null)("envoy/README.md", () => {
  test.each([...blocks(PAGE, "yaml"), readFileSync(`${ROOT}envoy/capabilities.yaml`, "utf8")])(
    "Envoy accepts in its place: %s",
    async (piece) => {
      const bootstrap = JSON.stringify(withFragment(YAML, piece, WASM));
      expect(await validated(binary as string, bootstrap)).toEqual(ACCEPTED);
    },
  );

  test("drained, it refuses new connections, and open sessions send their mail to the end", async () => {
    const server = await keepingServer();
    const { envoy, port } = await start(server.port);
    const client = await open(port);
    await client.reply();
    for (const command of ["EHLO c.example", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.test>", "DATA"])
      await client.ask(command);
    await envoy.admin("/drain_listeners", "POST");
    const refused = (): Promise<boolean> =>
      RawClient.connect(port).then(
        (late) => (late.destroy(), false),
        () => true,
      );
    await waitFor(refused, "new connections to be refused");
    expect(await client.ask("Subject: late\r\n\r\nbut whole\r\n.")).toMatch(/^250 /);
    expect(await client.ask("QUIT")).toMatch(/^221 /);
    await client.closed();
    const active = async (): Promise<number | undefined> =>
      (await envoy.stats()).get("listener.127.0.0.1_0.downstream_cx_active");
    await waitFor(async () => (await active()) === 0, "no connection to be left");
    expect(server.kept.map(({ content }) => content)).toEqual(["Subject: late\r\n\r\nbut whole\r\n"]);
  });

  test("the server gets the client's address before anything else", async () => {
    const taken: Buffer[] = [];
    const server = createServer((socket: Socket) => {
      socket.on("data", (chunk) => taken.push(chunk));
      socket.once("data", () => socket.write("220 mx.example ESMTP\r\n"));
      socket.on("error", () => {});
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = await start(
      (server.address() as { port: number }).port,
      fragment("upstream_proxy_protocol"),
    );
    const client = await open(port);
    expect(await client.reply()).toBe("220 mx.example ESMTP");
    expect(Buffer.concat(taken).toString()).toMatch(
      new RegExp(`^PROXY TCP4 127\\.0\\.0\\.1 127\\.0\\.0\\.1 \\d+ ${port}\\r\\n$`),
    );
  });

  test("exempt_sources goes by the address that a load balancer names", async () => {
    const piece = fragment("filters.listener.proxy_protocol");
    const policy = { profile: "strict", exempt_sources: ["198.51.100.0/24"] };
    const { port } = await start((await keepingServer()).port, piece, policy);
    await expectOnlyToPass(port, "198.51.100.7", "203.0.113.7");
  });

  test("trusted_sources goes by it, too", async () => {
    const piece = fragment("filters.listener.proxy_protocol");
    const policy = { profile: "strict", trusted_sources: ["198.51.100.0/24"] };
    const { envoy, port } = await start((await keepingServer()).port, piece, policy);
    await expectOnlyToPass(port, "198.51.100.7", "203.0.113.7");
    const events = envoy.wasmLogs.map(({ message }) =>
      /"mode":"(\w+)","action":"(\w+)"/.exec(message)?.slice(1),
    );
    expect(events).toEqual([
      ["detect", "detect"],
      ["prevent", "reject"],
    ]);
  });

  test("health checks that close, or say QUIT after the greeting, are no finding", async () => {
    const { envoy, port } = await start((await keepingServer()).port);
    (await open(port)).destroy();
    for (const commands of [[], ["QUIT"], ["HELO check.example", "QUIT"]]) {
      const client = await open(port);
      await client.reply();
      for (const command of commands) await client.ask(command);
      await client.end();
    }
    const sessions = async (): Promise<number | undefined> =>
      (await envoy.stats()).get("wasmcustom.smtp.mail_in.sessions");
    await waitFor(async () => (await sessions()) === 4, "four sessions");
    expect(envoy.wasmLogs).toEqual([]);
  });
});
