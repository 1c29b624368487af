/** `smtp-inspector web`: serves the page's files and nothing else, and ends when asked. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { web } from "../../cli/web.js";
import { waitFor, within } from "../../peers/net.js";
import { browserPath, launchBrowser } from "../support/browser.js";
import { examplesOf, sizeOf } from "../support/run-command.js";

/** The command in this process, ended with the test. */
async function started(args: readonly string[]): Promise<{ url: string; stop(): Promise<number> }> {
  const interrupt = new AbortController();
  let out = "";
  const ended = web.run(args, { out: (said) => (out += said), err: () => {}, signal: interrupt.signal });
  const stop = (): Promise<number> => {
    interrupt.abort();
    return within(ended, "web to end");
  };
  onTestFinished(() => stop().then(() => {}));
  await Promise.race([waitFor(() => out.endsWith("\n"), "the address"), ended]);
  expect(out).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/ – Ctrl-C to stop\n$/);
  return { url: out.split(" ")[0] ?? "", stop };
}

/** Asks as no browser would: the path as it is, any Host. */
async function ask(url: string, path: string, options: { method?: string; host?: string } = {}) {
  const { port } = new URL(url);
  const { method = "GET", host = `127.0.0.1:${port}` } = options;
  const asked = request({ host: "127.0.0.1", port, path, method, headers: { Host: host } });
  asked.end();
  const [response] = (await once(asked, "response")) as [import("node:http").IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

describe("what it hands out", () => {
  test("the page, with what its headers forbid", async () => {
    const { url } = await started(["--port", "0"]);
    const page = await ask(url, "/");
    const built = readFileSync(new URL("../../../dist/web/index.html", import.meta.url), "utf8");
    expect(page).toMatchObject({ status: 200, body: built });
    expect(page.headers).toMatchObject({
      "content-security-policy":
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; worker-src blob:; " +
        "img-src data:; connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "content-type": "text/html; charset=utf-8",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
    const script = /src="\.(\/assets\/[^"]+\.js)"/.exec(page.body)?.[1] ?? "";
    const style = /href="\.(\/assets\/[^"]+\.css)"/.exec(page.body)?.[1] ?? "";
    expect((await ask(url, script)).headers["content-type"]).toBe("text/javascript; charset=utf-8");
    expect((await ask(url, style)).headers["content-type"]).toBe("text/css; charset=utf-8");
    expect(await ask(url, `${script}?x=1`)).toMatchObject({ status: 200 });
    expect(await ask(url, "/index.html", { method: "HEAD" })).toMatchObject({ status: 200, body: "" });
  });

  test("nothing else, however it is asked", async () => {
    const { url } = await started(["--port", "0"]);
    for (const path of [
      "/../host-test/cli/main.js",
      "/..%2f..%2fpackage.json",
      "/assets/../../../package.json",
      "//etc/passwd",
      "/assets/",
      "/assets",
      "/index.html/",
      "/__proto__",
      "/%00",
    ]) {
      expect([path, (await ask(url, path)).status]).toEqual([path, 404]);
    }
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      expect(await ask(url, "/", { method })).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
    }
  });

  test("to names of this machine only", async () => {
    const { url } = await started(["--port", "0"]);
    const { port } = new URL(url);
    for (const host of ["localhost", `LOCALHOST:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`]) {
      expect([host, (await ask(url, "/", { host })).status]).toEqual([host, 200]);
    }
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      "127.0.0.1.evil.example",
      "localhost.evil.example",
    ]) {
      expect([host, (await ask(url, "/", { host })).status]).toEqual([host, 421]);
    }
  });
});

describe("the command", () => {
  test("ends with a client that stays connected", async () => {
    const { url, stop } = await started(["--port", "0"]);
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    await once(socket, "connect");
    socket.write("GET / HTTP/1.1\r\n");
    // It may be reset or closed.
    const closed = new Promise((resolve) =>
      socket
        .resume()
        .on("error", () => {})
        .once("close", resolve),
    );
    expect(await stop()).toBe(0);
    await within(closed, "the connection to end");
  });

  test("names what is wrong, and the fix", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    const said = (...args: string[]): Promise<string> =>
      web.run(args, { out() {}, err() {}, signal: AbortSignal.abort() }).then(
        () => "nothing",
        (error: unknown) => (error as Error).message,
      );
    expect(await said("--port", String(port))).toBe(
      `--port ${port}: already in use; choose another, or 0 for any`,
    );
    expect(await said("--port", "70000")).toBe('--port needs a number from 0 to 65535, not "70000"');
    expect(await said("--host", "192.0.2.1", "--port", "0")).toMatch(
      /^--host 192\.0\.2\.1: .*EADDRNOTAVAIL.*; give an address of this machine$/,
    );
    expect(await said("--prot", "1")).toBe(
      "unknown option --prot; did you mean --port?; see smtp-inspector web --help",
    );
    expect(await said("page")).toBe('unexpected argument: "page"; see smtp-inspector web --help');
  });

  test("has a help that fits a screen", () => {
    const { columns, rows } = sizeOf(web.help);
    expect(columns).toBeLessThanOrEqual(80);
    expect(rows).toBeLessThanOrEqual(24);
    expect(examplesOf(web)).toEqual([[], ["--port", "0"]]);
  });

  test.skipIf(browserPath() === null)("serves a page that works, under its own headers", async () => {
    const { url } = await started(["--port", "0"]);
    const browser = await launchBrowser();
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    await page.goto(url);
    await page.getByText("exchange_command/exchange_verb").waitFor();
  });
});
