/** The Node proxy around the filter: what Envoy's tcp_proxy would do with sockets. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { projectRoot } from "../../cli/front.js";
import { NodeProxy } from "../../cli/node-proxy.js";
import { Plugin } from "../../host/plugin.js";
import { freePort, waitFor, within } from "../../peers/net.js";
import { bigMessage, KeepingServer, stuffed } from "../../peers/mail.js";
import { RawClient } from "../../peers/smtp-client.js";
import { floodsAtThePaceOf } from "../support/backpressure.js";

const module = new WebAssembly.Module(readFileSync(join(projectRoot(), "build/smtp-inspector.wasm")));

/** A proxy in front of `port`, stopped when the test ends. */
async function proxyTo(port: number, onError: (message: string) => void = () => {}): Promise<NodeProxy> {
  const proxy = await NodeProxy.start({
    load: () => Plugin.load(module, { configuration: '{"stat_prefix":"p"}' }),
    listen: { host: "127.0.0.1", port: 0 },
    upstream: { host: "127.0.0.1", port },
    onError,
  });
  onTestFinished(() => proxy.stop());
  return proxy;
}

/** A server that a test drives by hand: greets, then hands its socket over. */
async function manualServer(): Promise<{ port: number; accepted: Promise<Socket> }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection").then(([socket]: Socket[]) => {
    if (socket === undefined) throw new Error("no connection");
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => {});
    socket.write("220 hand made\r\n");
    return socket;
  });
  onTestFinished(() => void server.close());
  const address = server.address();
  return { port: address !== null && typeof address === "object" ? address.port : 0, accepted };
}

async function clientOf(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port);
  onTestFinished(() => client.destroy());
  return client;
}

describe("the Node proxy", () => {
  test("carries mail and rejects a command, with the client's address in the event", async () => {
    const server = await KeepingServer.start();
    onTestFinished(() => server.stop());
    const proxy = await proxyTo(server.port);
    const logged: string[] = [];
    proxy.serving.onLog = (line) => logged.push(line.message);
    const client = await clientOf(proxy.port);
    await client.reply();
    await client.ask("EHLO client.example.org");
    expect(await client.ask("XADR")).toBe("502 5.5.1 private_command: rejected by policy");
    const message = bigMessage(300_000);
    await client.ask("MAIL FROM:<alice@example.org>");
    await client.ask("RCPT TO:<bob@example.test>");
    expect(await client.ask("DATA")).toMatch(/^354 /);
    client.send(stuffed(message));
    expect(await client.reply()).toMatch(/^250 /);
    expect(await client.ask("QUIT")).toMatch(/^221 /);
    await client.closed();
    expect((await server.received(1)).map((kept) => kept.content === message)).toEqual([true]);
    expect(JSON.parse(logged[0] ?? "")).toMatchObject({
      protection: "private_command",
      src_ip: "127.0.0.1",
      dest_port: proxy.port,
    });
    expect(proxy.serving.metric("smtp.p.sessions")).toBe(1);
    await waitFor(() => proxy.serving.metric("smtp.p.sessions_active") === 0, "the session to end");
  });

  test("passes a half-close on in both directions", async () => {
    const server = await manualServer();
    const proxy = await proxyTo(server.port);
    const client = await clientOf(proxy.port);
    const accepted = await server.accepted;
    await client.reply();
    let heard = "";
    accepted.on("data", (chunk) => (heard += String(chunk)));
    client.send("NOOP\r\n");
    const ended = once(accepted, "end");
    const transcript = client.end();
    await within(ended, "the client's end at the server");
    expect(heard).toBe("NOOP\r\n");
    // The client has finished, and still gets what the server has to say.
    accepted.end("250 ok\r\n");
    expect(await transcript).toBe("220 hand made\r\n250 ok\r\n");
    await waitFor(() => proxy.serving.metric("smtp.p.sessions_active") === 0, "the session to end");
  });

  test("a reset of either side ends both, and the filter knows", async () => {
    const server = await manualServer();
    const proxy = await proxyTo(server.port);
    const client = await clientOf(proxy.port);
    const accepted = await server.accepted;
    await client.reply();
    accepted.resetAndDestroy();
    expect(await client.closed()).toBe("220 hand made\r\n");
    await waitFor(() => proxy.serving.metric("smtp.p.sessions_active") === 0, "the session to end");

    const second = await manualServer();
    const otherProxy = await proxyTo(second.port);
    const other = await clientOf(otherProxy.port);
    const otherAccepted = await second.accepted;
    await other.reply();
    const closed = once(otherAccepted, "close");
    other.destroy();
    otherAccepted.resume().on("end", () => otherAccepted.end());
    await within(closed, "the server's side to close");
    await waitFor(() => otherProxy.serving.metric("smtp.p.sessions_active") === 0, "the session to end");
  });

  test("a server that is not there: the client is let go, and one line says so", async () => {
    const port = await freePort();
    const problems: string[] = [];
    const proxy = await proxyTo(port, (message) => problems.push(message));
    const client = await clientOf(proxy.port);
    expect(await client.closed()).toBe("");
    expect(problems).toEqual([
      `the mail server 127.0.0.1:${port} cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}`,
    ]);
  });

  test("a slow server slows the client: the proxy's memory is no reservoir", async () => {
    const server = await manualServer();
    const proxy = await proxyTo(server.port);
    const client = await clientOf(proxy.port);
    const accepted = await server.accepted;
    await client.reply();
    const answer = (chunk: Buffer): void => {
      const isData = chunk.includes("DATA");
      accepted.write(isData ? "354 go\r\n" : "250 ok\r\n");
      if (isData) accepted.off("data", answer).pause();
    };
    accepted.on("data", answer);
    let heard = 0;
    const slow = {
      readOn: () => void accepted.on("data", (chunk: Buffer) => (heard += chunk.length)).resume(),
      heard: () => heard,
    };
    await floodsAtThePaceOf(slow, client, 30_000);
  });

  test("a port that is taken is an error of start, with its code", async () => {
    const server = await manualServer();
    const start = NodeProxy.start({
      load: () => Plugin.load(module),
      listen: { host: "127.0.0.1", port: server.port },
      upstream: { host: "127.0.0.1", port: 1 },
    });
    await expect(start).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
