/** `npm start` as a user meets it: the built program, its output read line by line, hostile bytes over real sockets. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { projectRoot } from "../../cli/front.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { waitFor } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";

const program = join(projectRoot(), "dist/host-test/cli/demo.js");

/** The program as a child with its own temporary directory, so that what it leaves there shows. */
class Demo {
  output = "";
  errors = "";
  readonly exited: Promise<[number | null, string | null]>;
  readonly temporary = mkdtempSync(join(tmpdir(), "smtp-inspector-demo-"));
  private readonly child: ChildProcessByStdio<null, Readable, Readable>;

  constructor(args: string[], environment: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [program, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment, TMPDIR: this.temporary },
    });
    this.child.stdout.on("data", (chunk) => (this.output += String(chunk)));
    this.child.stderr.on("data", (chunk) => (this.errors += String(chunk)));
    this.exited = once(this.child, "close") as Promise<[number | null, string | null]>;
  }

  /** Waits until it serves: the ports in front of the good and of the bad server. */
  async ports(): Promise<[number, number]> {
    const ready = (): boolean => this.output.includes("Ctrl-C stops everything") || this.ended;
    await waitFor(ready, "the demo to be ready", 60_000);
    const found = [...this.output.matchAll(/listening on 127\.0\.0\.1:(\d+)/g)].map((match) =>
      Number(match[1]),
    );
    const [good, bad] = found;
    if (good === undefined || bad === undefined) throw new Error(`no ports:\n${this.output}${this.errors}`);
    return [good, bad];
  }

  /** Waits for a line of output that begins so, and returns it with its runs of blanks made one. */
  async line(start: string): Promise<string> {
    const find = (): string | undefined => this.output.split("\n").find((line) => line.startsWith(start));
    await waitFor(() => find() !== undefined, `a line "${start}…" in:\n${this.output}`);
    return (find() ?? "").replace(/127\.0\.0\.1:\d+/, "CLIENT").replace(/ +/g, " ");
  }

  get adminPort(): number {
    return Number(/admin on 127\.0\.0\.1:(\d+)/.exec(this.output)?.[1]);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  private get ended(): boolean {
    return this.child.exitCode !== null;
  }

  dispose(): void {
    this.child.kill("SIGKILL");
    rmSync(this.temporary, { recursive: true, force: true });
  }
}

function started(args: string[], environment?: NodeJS.ProcessEnv): Demo {
  const demo = new Demo(args, environment);
  onTestFinished(() => demo.dispose());
  return demo;
}

const noEnvoy = (await envoyOrNull("the demo in Envoy")) === null;

describe.each([
  { front: "Envoy", args: ["--port", "0"], left: noEnvoy },
  { front: "Node", args: ["--port", "0", "--node"], left: false },
])("the demo in $front", ({ front, args, left }) => {
  // The reason was printed above: there is no Envoy on this machine.
  describe.skipIf(left)("", () => {
    let demo: Demo;
    let good: number;
    let bad: number;
    beforeAll(async () => {
      demo = new Demo(args);
      [good, bad] = await demo.ports();
    });
    afterAll(() => demo?.dispose());

    /** Sends commands one after the other and returns the last reply. */
    async function converse(port: number, ...commands: string[]): Promise<string> {
      const client = await RawClient.connect(port);
      onTestFinished(() => client.destroy());
      let reply = await client.reply();
      for (const command of commands) reply = await client.ask(command);
      return reply;
    }

    test("says what runs, and what to paste", () => {
      expect(demo.output).toContain(front === "Envoy" ? "(Envoy with envoy/envoy.yaml, admin" : "(Node 2");
      expect(demo.output).toContain(`swaks --server 127.0.0.1:${good}`);
      expect(demo.output).toContain(`| nc 127.0.0.1 ${bad}`);
      expect(demo.errors).toBe("");
    });

    test("shows a mail that arrives", async () => {
      const message = "Subject: hi \x1b[31mred\x1b[0m\r\n\r\nHello\r\n.";
      const envelope = ["MAIL FROM:<alice@example.org>", "RCPT TO:<bob@example.test>", "DATA"];
      expect(await converse(good, "EHLO client.example.org", ...envelope, message)).toMatch(/^250 /);
      expect(await demo.line("delivered")).toBe(
        'delivered from <alice@example.org> to bob@example.test "hi \\x1b[31mred\\x1b[0m", 35 bytes',
      );
    });

    test.each([
      {
        commands: ["EHLO client.example.org", "X-EXPS GSSAPI"],
        reply: "502 5.5.1 exchange_command: rejected by policy",
        line: "reject exchange_command CLIENT X-EXPS: exchange_verb",
      },
      {
        commands: ["EHLO client.example.org", "MAIL FROM:<alice@example.org>", "RCPT TO:<root>"],
        reply: "550 5.7.1 recipient_no_domain: rejected by policy",
        line: "reject recipient_no_domain CLIENT RCPT: no_domain",
      },
      {
        commands: ["HELO \x01\x90\x90\x1b[2J"],
        reply: "501 5.5.2 binary_data_in_command: rejected by policy",
        line: "reject binary_data_in_command CLIENT HELO: control",
      },
      {
        commands: ["EHLO client.example.org", "XADR"],
        reply: "502 5.5.1 private_command: rejected by policy",
        line: "reject private_command CLIENT XADR: private_verb",
      },
    ])("shows $line", async ({ commands, reply, line }) => {
      expect(await converse(good, ...commands)).toBe(reply);
      const start = line.split(" ").slice(0, 2).join(" ".repeat(5));
      expect(await demo.line(start)).toContain(line);
    });

    test("shows a bad greeting", async () => {
      expect(await converse(bad)).toBe("554 5.3.2 bad_server_greeting: no SMTP service here");
      expect(await demo.line("terminate")).toContain(
        "terminate bad_server_greeting CLIENT greeting: foreign",
      );
    });

    if (front === "Envoy")
      test("counts the findings with labels for Prometheus", async () => {
        const response = await fetch(`http://127.0.0.1:${demo.adminPort}/stats/prometheus`);
        const lines = (await response.text()).split("\n");
        const finding = (id: string, action: string): string =>
          `smtp_findings{smtp_prefix="mail_in",smtp_protection="${id}",smtp_action="${action}"} 1`;
        expect(lines).toContain(finding("private_command", "reject"));
        expect(lines).toContain(finding("bad_server_greeting", "terminate"));
        expect(lines).toContain('smtp_messages{smtp_prefix="mail_in"} 1');
        expect(lines).toContain('smtp_sessions{smtp_prefix="mail_in"} 6');
      });

    test("Ctrl-C stops all of it and leaves nothing", async () => {
      demo.signal("SIGINT");
      expect(await demo.exited).toEqual([0, null]);
      expect(demo.errors).toBe("");
      // No control character of a client has reached the terminal in all this.
      expect(demo.output).toMatch(/^[\n\x20-\x7e→]*$/);
      expect(readdirSync(demo.temporary)).toEqual([]);
      await expect(RawClient.connect(good)).rejects.toThrow("ECONNREFUSED");
    });
  });
});

describe("a mistake is one line that names the way out", () => {
  const failing = async (...args: string[]): Promise<{ code: number | null; errors: string }> => {
    const demo = started(args);
    const [code] = await demo.exited;
    expect(demo.output).toBe("");
    return { code, errors: demo.errors };
  };

  test("a port that is taken", async () => {
    const squatter = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void squatter.close());
    await once(squatter, "listening");
    const address = squatter.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    expect(await failing("--node", "--port", String(port))).toEqual({
      code: 2,
      errors: `smtp-inspector: port ${port} of 127.0.0.1 is already in use: choose another with --port\n`,
    });
  });

  test("a policy that the filter refuses, or that is not there", async () => {
    const directory = mkdtempSync(join(tmpdir(), "smtp-inspector-policy-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const policy = join(directory, "policy.json");
    writeFileSync(policy, '{"profile":"recomended"}');
    const { code, errors } = await failing("--port", "0", "--policy", policy);
    expect(code).toBe(1);
    expect(errors).toMatch(
      /^smtp-inspector: .*policy\.json: policy refused at \$\.profile \(offset 11\): .*\n$/,
    );
    rmSync(policy);
    expect(await failing("--policy", policy)).toEqual({
      code: 1,
      errors: `smtp-inspector: ${policy}: no such file; give the path of a policy file\n`,
    });
  });

  test("a command line that makes no sense", async () => {
    expect(await failing("--port", "smtp")).toEqual({
      code: 2,
      errors: 'smtp-inspector: --port needs a number from 0 to 65535, not "smtp"\n',
    });
    expect((await failing("--frobnicate")).code).toBe(2);
  });

  test("no Envoy: it says so and goes on in Node", async () => {
    const without = started(["--port", "0"], { ENVOY_BIN: "/nowhere/envoy" });
    await without.ports();
    expect(without.errors).toMatch(
      /^ENVOY_BIN is \/nowhere\/envoy, .*; running the same filter in Node instead\n$/,
    );
    expect(without.output).toContain("(Node 2");
    without.signal("SIGTERM");
    expect((await without.exited)[0]).toBe(0);
  });

  test("--help", async () => {
    const demo = started(["--help"]);
    expect((await demo.exited)[0]).toBe(0);
    expect(demo.output).toMatch(/^Usage: npm start -- \[options\]\n/);
  });
});
