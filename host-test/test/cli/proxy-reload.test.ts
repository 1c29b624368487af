/** `smtp-inspector proxy`: how a policy is exchanged under running sessions, how it ends, and what cannot start. */
import { once } from "node:events";
import { rmSync, type Stats, unwatchFile, watchFile, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { proxy } from "../../cli/proxy.js";
import { waitFor } from "../../peers/net.js";
import { clientOf, mailServer, policyFile, RunningProxy } from "../support/running-proxy.js";

describe("a policy that changes", () => {
  const PREVENT = '{"protections":{"private_command":"prevent"}}';
  const OFF = '{"protections":{"private_command":"off"}}';

  async function answerTo(port: number, command: string): Promise<string> {
    const client = await clientOf(port);
    await client.reply();
    return client.ask(command);
  }

  test("is taken when the file changes, for new sessions; the open one keeps its own", async () => {
    const server = await mailServer();
    const file = policyFile(PREVENT);
    const running = await RunningProxy.start(["--to", `127.0.0.1:${server.port}`, "--policy", file]);
    const open = await clientOf(running.port);
    await open.reply();
    writeFileSync(file, OFF);
    await running.said(/reloaded/);
    expect(running.out.filter((line) => !line.startsWith("["))).toEqual([
      `== 127.0.0.1:${running.port} → 127.0.0.1:${server.port}, policy ${file}; Ctrl-C to stop`,
      `== policy ${file} reloaded: new sessions use it`,
    ]);
    expect(await answerTo(running.port, "XADR")).toMatch(/^500 /);
    expect(await open.ask("XADR")).toBe("502 5.5.1 private_command: rejected by policy");
    expect(running.err).toEqual([]);
  });

  test("is taken at SIGHUP", async () => {
    const server = await mailServer();
    const file = policyFile(OFF);
    const running = await RunningProxy.start(["--to", `127.0.0.1:${server.port}`, "--policy", file]);
    expect(await answerTo(running.port, "XADR")).toMatch(/^500 /);
    process.kill(process.pid, "SIGHUP");
    await running.said(/reloaded/);
    writeFileSync(file, PREVENT);
    process.kill(process.pid, "SIGHUP");
    await waitFor(
      () => running.out.filter((line) => line.includes("reloaded")).length >= 2,
      "a second reading",
    );
    expect(await answerTo(running.port, "XADR")).toBe("502 5.5.1 private_command: rejected by policy");
  });

  test("is refused with its line and column, and the old one goes on", async () => {
    const server = await mailServer();
    const file = policyFile(PREVENT);
    const running = await RunningProxy.start(["--to", `127.0.0.1:${server.port}`, "--policy", file]);
    writeFileSync(file, '{\n  "profile": "strickt"\n}');
    await running.said(/refused/, running.err);
    expect(running.err).toEqual([
      `policy refused, the previous one stays in force: ${file}:2:14: error: $.profile: found "strickt" – did you mean "strict"?`,
    ]);
    expect(await answerTo(running.port, "XADR")).toBe("502 5.5.1 private_command: rejected by policy");
    rmSync(file);
    await running.said(/no such file/, running.err);
    expect(await answerTo(running.port, "XADR")).toBe("502 5.5.1 private_command: rejected by policy");
    writeFileSync(file, OFF);
    await running.said(/reloaded/);
    expect(await answerTo(running.port, "XADR")).toMatch(/^500 /);
  });
});

test("a missing policy file is reported once, and again on SIGHUP", async () => {
  const server = await mailServer();
  const file = policyFile("{}");
  const running = await RunningProxy.start(["--to", `127.0.0.1:${server.port}`, "--policy", file]);
  const refusal = `policy refused, the previous one stays in force: ${file}: no such file; check the path`;
  rmSync(file);
  process.emit("SIGHUP", "SIGHUP");
  expect(running.err).toEqual([refusal]);
  // Other watchers of the same file are notified after the proxy.
  await new Promise<void>((gone) => {
    const watcher = ({ nlink }: Stats): void => {
      if (nlink === 0) gone();
    };
    onTestFinished(() => unwatchFile(file, watcher));
    watchFile(file, watcher);
  });
  expect(running.err).toEqual([refusal]);
  process.emit("SIGHUP", "SIGHUP");
  expect(running.err).toEqual([refusal, refusal]);
});

describe("Ctrl-C", () => {
  test("ends open sessions and frees the port; nothing of the process is left behind", async () => {
    const server = await mailServer();
    const handlers = process.listenerCount("SIGHUP");
    const running = await RunningProxy.start(["--to", `127.0.0.1:${server.port}`]);
    expect(process.listenerCount("SIGHUP")).toBe(handlers + 1);
    const client = await clientOf(running.port);
    await client.reply();
    const closed = client.closed();
    expect(await running.stop()).toBe(0);
    expect(await closed).toBe("220 mx.example.test ESMTP test\r\n");
    expect(running.out.slice(-2).map((line) => line.replace(/^\[\d+\] /, ""))).toEqual([
      "== no findings; the proxy closes",
      "== 1 session, 0 with findings",
    ]);
    expect(process.listenerCount("SIGHUP")).toBe(handlers);
    const again = createServer().listen(running.port, "127.0.0.1");
    await once(again, "listening");
    again.close();
  });
});

describe("what cannot start", () => {
  const run = (args: string[]): Promise<number> =>
    proxy.run(args, { out: () => {}, err: () => {}, signal: AbortSignal.abort() });

  test("names the argument and what to do", async () => {
    await expect(run([])).rejects.toThrow("--to HOST:PORT is missing: the mail server behind the filter");
    await expect(run(["--to", "mx.example"])).rejects.toThrow(
      '--to needs HOST:PORT such as 127.0.0.1:2525 or [::1]:25, not "mx.example"',
    );
    await expect(run(["--to", "mx.example:25", "--listen", "::1:25"])).rejects.toThrow(
      '--listen needs HOST:PORT such as 127.0.0.1:2525 or [::1]:25, not "::1:25"',
    );
    await expect(run(["--to", "mx.example:25", "--policy", "/nonexistent.json"])).rejects.toThrow(
      "--policy /nonexistent.json: neither a file nor a profile; give a JSON file or one of monitor, recommended, strict, submission",
    );
    const file = policyFile('{"profile":"strict",}');
    await expect(run(["--to", "mx.example:25", "--policy", file])).rejects.toThrow(
      `${file}:1:21: error: $: expected a key in double quotes – `,
    );
    const taken = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void taken.close());
    await once(taken, "listening");
    const address = taken.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    await expect(run(["--to", "mx.example:25", "--listen", `127.0.0.1:${port}`])).rejects.toThrow(
      `--listen 127.0.0.1:${port}: the port is already in use; choose another`,
    );
  });
});
