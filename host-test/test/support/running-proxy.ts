/** `smtp-inspector proxy` in this process, with a mail server behind it and clients in front. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SMTPServerOptions } from "smtp-server";
import { onTestFinished } from "vitest";
import { proxy } from "../../cli/proxy.js";
import { KeepingServer } from "../../peers/mail.js";
import { waitFor, within } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";

/** A proxy that runs until it is stopped, at the test's end if not before. */
export class RunningProxy {
  readonly out: string[] = [];
  readonly err: string[] = [];
  port = 0;
  /** Bytes that nobody has read yet. */
  unread = 0;
  readonly #interrupt = new AbortController();
  readonly #ended: Promise<number>;

  private constructor(args: string[]) {
    this.#ended = proxy.run(args, {
      out: (text) => void this.out.push(...text.trimEnd().split("\n")),
      err: (text) => void this.err.push(...text.trimEnd().split("\n")),
      signal: this.#interrupt.signal,
      unread: () => this.unread,
    });
  }

  static async start(args: string[]): Promise<RunningProxy> {
    const running = new RunningProxy(["--listen", "127.0.0.1:0", ...args]);
    onTestFinished(() => running.stop().then(() => {}));
    await Promise.race([running.said(/^== 127\.0\.0\.1:\d+ → /), running.#ended]);
    running.port = Number(/^== 127\.0\.0\.1:(\d+)/.exec(running.out[0] ?? "")?.[1]);
    return running;
  }

  /** Waits for a line. */
  async said(wanted: RegExp, where = this.out): Promise<void> {
    await waitFor(() => where.some((line) => wanted.test(line)), `${wanted} in ${this.out.join("\n")}`);
  }

  /** Ctrl-C. @returns the exit code */
  async stop(): Promise<number> {
    this.#interrupt.abort();
    return within(this.#ended, "the proxy to end");
  }

  /** What was shown of one session, without its number; the number counts all of the process. */
  async session(nth: number): Promise<string[]> {
    const begins = (): string[] =>
      this.out.flatMap((line) => /^(\[\d+\]) == 127\.0\.0\.1:\d+ connects$/.exec(line)?.[1] ?? []);
    await waitFor(() => begins().length >= nth, `session ${nth}`);
    const mark = `${begins()[nth - 1]} `;
    await this.said(
      new RegExp(`^${mark.replace(/[[\]]/g, "\\$&")}== \\d+ finding|${mark.replace(/[[\]]/g, "\\$&")}== no`),
    );
    const lines = this.out.filter((line) => line.startsWith(mark)).map((line) => line.slice(mark.length));
    return lines.slice(1);
  }
}

/** A mail server with fixed names in its replies. */
export async function mailServer(
  options: SMTPServerOptions = { hideSTARTTLS: true },
): Promise<KeepingServer> {
  const server = await KeepingServer.start({ name: "mx.example.test", banner: "test", ...options });
  onTestFinished(() => server.stop());
  return server;
}

/** A client, disconnected when the test ends. */
export async function clientOf(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port);
  onTestFinished(() => client.destroy());
  return client;
}

/** A policy in a file of its own, removed when the test ends. */
export function policyFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "smtp-inspector-proxy-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "policy.json"), text);
  return join(folder, "policy.json");
}
