/** The main program with stdin, a named pipe or a full device in the place of a file. */
import { type ChildProcessWithoutNullStreams as Piped, execFileSync } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { within } from "../../peers/net.js";
import { pcapHead, Talk } from "../support/packets.js";
import { ended, isBuilt, program, started, writingTo } from "../support/program.js";

let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "smtp-inspector-pipes-"))));
afterAll(() => rmSync(folder, { recursive: true }));

/** A child that is killed when the test ends. */
function running(args: readonly string[]): Piped {
  const child = started(args);
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdin.on("error", () => {});
  return child;
}

/** A named pipe. */
function fifo(name: string): string {
  execFileSync("mkfifo", [join(folder, name)]);
  return join(folder, name);
}

describe.runIf(isBuilt)("a file on stdin or in a pipe", () => {
  test("is linted", async () => {
    const child = running(["lint", "-"]);
    child.stdin.end('{"profile":1}');
    expect(await ended(child)).toEqual({
      code: 1,
      out: '-:1:12: error: $.profile: found 1 – write one of "monitor", "recommended", "strict", "submission"\n',
      err: "",
    });
  });

  test("is not linted when it does not end", async () => {
    const child = running(["lint", "-"]);
    child.stdin.write(Buffer.alloc(17 * 1024 * 1024));
    expect(await within(ended(child), "the end")).toEqual({
      code: 2,
      out: "",
      err: "smtp-inspector lint: -: larger than 16777216 bytes\n",
    });
  });

  test("is replayed from a named pipe, to its end", async () => {
    const path = fifo("written.pcap");
    const child = running(["replay", path]);
    const done = ended(child);
    createWriteStream(path).end(Buffer.concat([pcapHead(), ...new Talk(1).mail(100)]));
    const ran = await within(done, "the end");
    expect(ran).toMatchObject({ code: 0, err: "" });
    expect(ran.out).toMatch(/\n# 1 session; 0 with findings\n\n$/);
  });

  test("is the policy of a vector, though a pipe has it only once", async () => {
    const args = ["from-pcap", "host-test/vectors/nul_in_data.md", "--session", "3", "--policy"];
    const path = fifo("policy.json");
    const done = ended(running([...args, path]));
    createWriteStream(path).end('{"profile":"strict"}');
    const ran = await within(done, "the end");
    expect(ran).toEqual(await program([...args, "strict"]));
    expect(ran.code).toBe(0);
  });
});

describe.runIf(isBuilt)("what blocks or fails", () => {
  test("an output that is full is said", async () => {
    expect(await writingTo("/dev/full", ["explain"])).toEqual({
      code: 2,
      err: "smtp-inspector: cannot write: no space left on device (ENOSPC)\n",
    });
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s ends it while nobody writes to a named pipe", async (signal, code) => {
    const path = fifo(`${signal}.pcap`);
    const child = running(["replay", path]);
    const done = ended(child);
    await once(child.stdout, "data");
    child.kill(signal);
    expect(await within(done, "the end")).toEqual({
      code,
      out: `# ${path}\n# 0 sessions; 0 with findings\n\n`,
      err: "",
    });
  });
});
