/** The main program as it is built: signals, pipes, terminals, and what is said to who mistypes. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChildProcessWithoutNullStreams as Piped } from "node:child_process";
import type { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { waitFor, within } from "../../peers/net.js";
import { pcapHead, Talk } from "../support/packets.js";
import { atTerminal, ended, isBuilt, program, started } from "../support/program.js";

const ESC = "\x1b";
let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "smtp-inspector-main-"))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

/** A child that is killed when the test ends. */
function running(args: readonly string[]): Piped {
  const child = started(args);
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdin.on("error", () => {});
  return child;
}

/** Feeds sessions to a program that reads a capture from stdin, until it ends. @param fed is told how many were taken */
async function feed(stdin: Writable, fed: (sessions: number) => void = () => {}): Promise<void> {
  stdin.write(pcapHead());
  for (let client = 1; stdin.writable; client++) {
    const session = Buffer.concat([...new Talk(client).mail(1000)]);
    // An error means that the reader has gone.
    await new Promise<void>((resolve) => stdin.write(session, () => resolve()));
    fed(client);
  }
}

describe.runIf(isBuilt)("the program", () => {
  test("an unknown command is answered with the nearest; none, with all", async () => {
    expect(await program(["repaly"])).toEqual({
      code: 2,
      out: "",
      err: 'smtp-inspector: unknown command "repaly"; did you mean replay?\n',
    });
    expect(await program(["\u001b[31m"])).toEqual({
      code: 2,
      out: "",
      err: 'smtp-inspector: unknown command "\\x1b[31m"; see smtp-inspector --help\n',
    });
    expect(await program(["--version"])).toEqual({ code: 0, out: "smtp-inspector 0.1.0\n", err: "" });
    const help = await program(["--help"]);
    expect(help).toMatchObject({ code: 0, err: "" });
    expect(help.out).toMatch(
      /^Usage: smtp-inspector \[--help\|--version\] <command> \[arguments\]\n\n {2}replay /,
    );
    expect(await program([])).toEqual({ code: 2, out: "", err: help.out });
    expect((await program(["help", "lint"])).out).toBe((await program(["lint", "--help"])).out);
  });

  test("a wrong argument is one line that names it", async () => {
    expect(await program(["lint", "--fiel", "x"])).toEqual({
      code: 2,
      out: "",
      err: "smtp-inspector lint: unknown option --fiel; see smtp-inspector lint --help\n",
    });
  });

  test("a capture comes through a pipe as well", async () => {
    const child = running(["replay", "-"]);
    child.stdin.end(Buffer.concat([pcapHead(), ...new Talk(1).mail(100)]));
    const ran = await ended(child);
    expect(ran).toMatchObject({ code: 0, err: "" });
    expect(ran.out).toMatch(/^# -\n== session 0 {2}10\.0\.0\.0:40001 → /);
    expect(ran.out).toMatch(/\n# 1 session; 0 with findings\n\n$/);
  });
});

describe.runIf(isBuilt)("pipes and signals", () => {
  test("a reader that goes away ends it without a word", async () => {
    const child = running(["replay", "-"]);
    let said = "";
    child.stderr.on("data", (text) => (said += String(text)));
    const closed = once(child, "close");
    void feed(child.stdin);
    await once(child.stdout, "data");
    child.stdout.destroy();
    expect(await within(closed, "the end")).toEqual([141, null]);
    expect(said).toBe("");
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s ends a long replay after a whole line", async (signal, code) => {
    const child = running(["replay", "-", "--json"]);
    const done = ended(child);
    void feed(child.stdin);
    await once(child.stdout, "data");
    child.kill(signal);
    const ran = await within(done, "the end");
    expect(ran).toMatchObject({ code, err: "" });
    const lines = ran.out.split("\n");
    expect(lines.pop()).toBe("");
    const types = lines.map((line) => (JSON.parse(line) as { event_type: string }).event_type);
    expect(types.pop()).toBe("replay");
    expect(new Set(types)).toEqual(new Set(["smtp"]));
  });

  test("SIGINT ends it also while nothing comes", async () => {
    const child = running(["replay", "-"]);
    const done = ended(child);
    child.stdin.write(pcapHead().subarray(0, 10));
    await once(child.stdout, "data");
    child.kill("SIGINT");
    expect(await within(done, "the end")).toEqual({
      code: 130,
      out: "# -\n# 0 sessions; 0 with findings\n\n",
      err: "",
    });
  });

  test("who does not read holds it up; a second SIGINT does not wait for him", async () => {
    const child = running(["replay", "-", "--json"]);
    let taken = 0;
    void feed(child.stdin, (sessions) => (taken = sessions));
    // Nobody reads: what is taken stops growing.
    let before = -1;
    const stands = async (): Promise<boolean> => {
      const same = taken === before && taken > 0;
      before = taken;
      await new Promise((resolve) => setTimeout(resolve, 500));
      return same && taken === before;
    };
    await waitFor(() => taken > 20, "the first sessions");
    await waitFor(stands, "the replay to wait", 30_000);
    // A session is 4 KB of input and 3 KB of output; pipes and buffers of both sides take some hundred KB.
    expect(taken).toBeLessThan(2000);
    const exited = once(child, "exit");
    // One that comes while the program is already ending would end it by itself; so they are a second apart.
    child.kill("SIGINT");
    const again = setInterval(() => child.kill("SIGINT"), 1000);
    onTestFinished(() => clearInterval(again));
    expect(await within(exited, "the end")).toEqual([130, null]);
  });
});

/** A conversation with a finding, a line that is withheld, and escapes in a command. */
const SESSION = `\`\`\`smtp
S: 220 mx.example
C: EHLO a.example
S: 250 mx.example
C: XADR
S: 500 what
C: RSET
S: 250 ok
C: NOOP \\x1b[31m^ a/b: prevented
S: 250 ok
\`\`\`
`;
const TEXT = [
  "== session 0  192.0.2.10:40000 → 192.0.2.25:25  2023-11-14 22:13:20 UTC",
  "S: 220 mx.example",
  "C: EHLO a.example",
  "S: 250 mx.example",
  "C> XADR",
  "^ private_command/private_verb: prevented (reject), 502 5.5.1 to the client",
];

describe.runIf(isBuilt)("a terminal", () => {
  test("shows how far a long replay is, and nothing of it is left at the end", async () => {
    const records = [pcapHead()];
    for (let client = 1; client <= 8; client++) records.push(...new Talk(client).mail(1_500_000));
    const path = file("long.pcap", Buffer.concat(records));
    const { code, out, err } = await atTerminal(["replay", path], false);
    expect(code).toBe(0);
    expect(out).toMatch(/\n# 8 sessions; 0 with findings\n\n$/);
    const shown = err.split("\r\x1b[K");
    expect(shown[0]).toBe("");
    expect(shown.at(-1)).toBe("");
    const percent = shown.slice(1, -1).map((line) => Number(/^(\d+) % of /.exec(line)?.[1]));
    expect(percent.length).toBeGreaterThan(5);
    expect(percent).toEqual([...percent].sort((a, b) => a - b));
    for (const line of shown) expect(line.length).toBeLessThan(80);
    // Without a terminal there is none.
    expect(await program(["replay", path])).toEqual({ code: 0, out, err: "" });
    // Nor is anything left when it is interrupted.
    const stopped = await atTerminal(["replay", path], false, {}, true);
    expect(stopped.code).toBe(130);
    expect(stopped.err).toMatch(new RegExp(`^(?:\\r${ESC}\\[K\\d{1,2} % of [^\\r]*)+\\r${ESC}\\[K$`));
    // With both, what is said takes the place of what passes.
    const both = await atTerminal(["replay", path], true, { NO_COLOR: "1" });
    expect(both.err.replace(new RegExp(`\\r${ESC}\\[K(?:\\d+ % of [^\\r]*(?=\\r))?`, "g"), "")).toBe(out);
  });

  test("has colours unless switched off, and a pipe has none unless switched on", async () => {
    const args = ["replay", file("one.md", SESSION)];
    const plain = await program(args);
    expect(plain.out.split("\n").slice(1, 7)).toEqual(TEXT);
    expect(plain.out).not.toContain("\x1b");
    expect((await atTerminal(args, true, { NO_COLOR: "1" })).err).toBe(plain.out);
    const coloured = (await atTerminal(args, true)).err;
    expect(coloured.split("\n").slice(1, 7)).toEqual([
      `\x1b[1m${TEXT[0]}\x1b[0m`,
      TEXT[1],
      TEXT[2],
      TEXT[3],
      `\x1b[35m${TEXT[4]}\x1b[0m`,
      `\x1b[31m${TEXT[5]}\x1b[0m`,
    ]);
    expect(coloured.replace(new RegExp(`${ESC}\\[\\d+m`, "g"), "")).toBe(plain.out);
    const forced = await program(args, { FORCE_COLOR: "1", NO_COLOR: "1" });
    expect(forced).toMatchObject({ out: coloured, err: "" });
    expect((await atTerminal(args, true, { FORCE_COLOR: "0" })).err).toBe(plain.out);
    expect((await atTerminal(args, true, { TERM: "dumb" })).err).toBe(plain.out);
    // Escapes from the wire make none, and no mark of ours.
    expect(coloured).toContain("\n\x1b[35mC> NOOP \\x1b[31m^ a/b: prevented\x1b[0m\n");
    for (const flag of ["--json", "--html"]) {
      expect((await program([...args, flag], { FORCE_COLOR: "1" })).out).not.toContain("\x1b");
    }
  });
});
