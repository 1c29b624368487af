/** What a command says of a file that it cannot read: which, why in words, and what to do. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { lint } from "../../cli/lint.js";
import { policyNamed } from "../../cli/policy-file.js";
import { rates } from "../../cli/rates.js";
import { replay } from "../../cli/replay.js";
import { whyNot } from "../../workbench/files.js";
import { runCommand } from "../support/run-command.js";

let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "smtp-inspector-unreadable-"))));
afterAll(() => rmSync(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);
const refused = async (name: string, why: string): Promise<void> =>
  expect(runCommand(replay, [path(name)])).rejects.toThrow(new Error(`${path(name)}: ${why}`));

test("a path that is not a file", async () => {
  writeFileSync(path("file"), "");
  symlinkSync("loop", path("loop"));
  mkdirSync(path("empty"));
  const server = createServer().listen(path("socket"));
  onTestFinished(() => void server.close());
  await once(server, "listening");
  await refused("missing", "no such file; check the path");
  await refused("file/below", "something before the last / is not a folder; check the path");
  await refused("loop", "it is a link that leads back to itself; name the file");
  await refused(
    "socket",
    "it is a socket or device that nobody serves; name a file, or - for standard input",
  );
  await refused("empty", "no captures (.pcap, .pcapng, .cap) or transcripts (.md) in this folder");
});

test("lint goes on after a file that it cannot read: exit code 2", async () => {
  writeFileSync(path("bad.json"), '{"profile":1}');
  expect(await runCommand(lint, [path("missing"), path("bad.json"), folder])).toEqual({
    code: 2,
    out: `${path("bad.json")}:1:12: error: $.profile: found 1 – write one of "monitor", "recommended", "strict", "submission"\n`,
    err:
      `smtp-inspector lint: ${path("missing")}: no such file; check the path\n` +
      `smtp-inspector lint: ${folder}: it is a folder; name a file in it\n`,
  });
});

test("neither a file nor a profile", () => {
  const name = path("missing");
  const fix = "give a JSON file or one of monitor, recommended, strict, submission";
  expect(() => policyNamed(name)).toThrow(
    new Error(`--policy ${name}: neither a file nor a profile; ${fix}`),
  );
  expect(() => policyNamed(folder)).toThrow(
    new Error(`--policy ${folder}: it is a folder; name a file in it`),
  );
});

test("an error of the system", () => {
  const { EACCES, EIO } = { EACCES: -13, EIO: -5 };
  const error = (code: string, errno: number): Error =>
    Object.assign(new Error(`${code}: words of Node, open 'x'`), { code, errno });
  expect(whyNot(error("EACCES", EACCES))).toBe(
    "no permission to read it; change its mode or owner, or run this as a user who may",
  );
  expect(whyNot(error("EIO", EIO))).toBe("i/o error (EIO)");
  expect(whyNot(new Error("larger than 5 bytes"))).toBe("larger than 5 bytes");
});

test.each([
  [
    "none.md",
    "nothing\n",
    'no conversation: it needs lines that begin with "S: " and "C: ", blocks that begin with ```smtp, or the output of swaks or openssl s_client',
  ],
  ["open.md", "a\n```smtp\nC: x\n", "line 2: this block has no end"],
  ["mark.md", "```smtp\nC: x\nhello\n```\n", 'line 3: "hello" has no mark such as "C: "'],
])("a transcript's name stands once before what is wrong in it: %s", async (name, text, why) => {
  writeFileSync(path(name), text);
  for (const command of [replay, rates]) {
    const { code, err } = await runCommand(command, [path(name)]);
    expect({ code, err }).toEqual({
      code: 2,
      err: `smtp-inspector ${command.name}: ${path(name)}: ${why}\n`,
    });
  }
});
