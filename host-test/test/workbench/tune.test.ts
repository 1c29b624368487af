/** `smtp-inspector tune` on recordings. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { replay } from "../../cli/replay.js";
import { tune } from "../../cli/tune.js";
import { Talk, pcapHead } from "../support/packets.js";
import { runCommand } from "../support/run-command.js";
import { capture, transcript, XADR } from "./tune-traffic.js";

let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "tune-"))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const CLEAN = "C: QUIT\nS: 221 bye";
const BLANK = "C: MAIL FROM: <a@x.org>\nS: 250 ok\nC: RSET\nS: 250 ok";
const LEGACY = "C: XADR\nS: 500 what";

/** Without the list of protections, which each new one makes longer. */
const upToList = (out: string): string[] =>
  out
    .replaceAll(folder, "")
    .replace(/(\d+) of \d+ protections/, "… protections")
    .split("\n")
    .filter((line) => !line.startsWith("//   "));

describe("a policy", () => {
  test("what matched goes to detect, reason by reason, with how often and an example", async () => {
    const path = file("good.md", transcript(BLANK, CLEAN, `${BLANK}\n${LEGACY}`, CLEAN));
    const { out, err, code } = await runCommand(tune, [path]);
    expect(upToList(out)).toEqual([
      "// The strictest policy from strict that leaves this traffic alone: 4 sessions in 1 file; 1 source.",
      "{",
      '  "profile": "strict",',
      '  "protections": {',
      "    // colon_blank: 2 findings in 2 of 4 sessions (50.00 %) from 1 source",
      "    //   first in /good.md session 0: MAIL FROM: <a@x.org>",
      '    "lax_command_syntax": { "reasons": { "colon_blank": "detect" } },',
      "    // private_verb: 1 finding in 1 of 4 sessions (25.00 %) from 1 source",
      "    //   first in /good.md session 2: XADR",
      '    "private_command": { "reasons": { "private_verb": "detect" } }',
      "  }",
      "}",
      "// Still prevented: … protections; with 95 % confidence each matches at most 48.99 % of such sessions",
      "",
    ]);
    expect([err, code]).toEqual(["", 0]);
    expect(out).toContain("lax_command_syntax (other reasons)");
    expect(out).toContain("private_command (other reasons)");
  });

  test("a protection of which nothing is prevented any more is not listed as such", async () => {
    const { out } = await runCommand(tune, [file("foo.md", transcript("C: FOO\nS: 500 what"))]);
    expect(out).toContain('    "unknown_command": "detect"\n');
    expect(out).not.toMatch(/^\/\/ {3}.*unknown_command/m);
  });

  test("nothing to relax", async () => {
    const { out, code } = await runCommand(tune, [
      file("clean.md", transcript(CLEAN)),
      "--from",
      "recommended",
    ]);
    expect(out.split("\n").slice(1, 5)).toEqual([
      "{",
      "  // Nothing has to be relaxed.",
      '  "profile": "recommended"',
      "}",
    ]);
    expect(code).toBe(0);
  });

  test("--output has the policy alone, and it lets the traffic pass", async () => {
    const path = file("written.md", transcript(BLANK, LEGACY, CLEAN));
    const policy = join(folder, "policy.json");
    await runCommand(tune, [path, "--output", policy]);
    expect(JSON.parse(readFileSync(policy, "utf8"))).toEqual({
      profile: "strict",
      protections: {
        private_command: { reasons: { private_verb: "detect" } },
        lax_command_syntax: { reasons: { colon_blank: "detect" } },
      },
    });
    const strict = await runCommand(replay, [path, "--policy", "strict"]);
    expect(strict.out.match(/prevented \(/g)).toHaveLength(2);
    const tuned = await runCommand(replay, [path, "--policy", policy]);
    expect(tuned.out).not.toContain("prevented (");
    expect(tuned.out.match(/detected$/gm)).toHaveLength(2);
  });

  test("a policy of one's own keeps all else that it says", async () => {
    const path = file("own.md", transcript(BLANK, LEGACY));
    const own = {
      stat_prefix: "mail_in",
      profile: "recommended",
      protections: {
        private_command: { mode: "prevent", action: "terminate", allow: ["XCIR"] },
        lax_command_syntax: { reasons: { colon_blank: "prevent", tab: "prevent" } },
        unknown_command: "off",
      },
      exempt_sources: ["203.0.113.0/24"],
      events: { excerpt: "none" },
    };
    const { out } = await runCommand(tune, [path, "--from", file("own.json", JSON.stringify(own)), "--json"]);
    expect((JSON.parse(out) as { policy: object }).policy).toEqual({
      ...own,
      protections: {
        private_command: { mode: "detect", action: "terminate", allow: ["XCIR"] },
        lax_command_syntax: { reasons: { colon_blank: "detect", tab: "prevent" } },
        unknown_command: "off",
      },
    });
  });

  test("a session that was cut short goes on and trips the next", async () => {
    const both =
      "C: XADR\nS: 500 what\nC: XCIR\nS: 500 what\nC: MAIL FROM: <a@x.org>\nS: 250 ok\nC: TURN x\nS: 502 no";
    const { out } = await runCommand(tune, [file("chain.md", transcript(both)), "--json"]);
    const { relaxed } = JSON.parse(out) as {
      relaxed: { protection: string; causes: { findings: number }[] }[];
    };
    const found = new Map(relaxed.map(({ protection, causes }) => [protection, causes[0]?.findings]));
    expect(found.get("private_command")).toBe(2);
    expect(found.get("lax_command_syntax")).toBe(1);
  });
});

test("STARTTLS that is offered and not used is a note, no reason to relax", async () => {
  const offer = "```smtp\nS: 220 mx\nC: EHLO a\nS: 250-mx\nS: 250 STARTTLS\nC: QUIT\nS: 221 bye\n```\n";
  const { out, code } = await runCommand(tune, [file("offer.md", offer)]);
  expect(out).toContain("// Nothing has to be relaxed.");
  expect(out).toContain("// In 1 session STARTTLS is no longer offered; none of them used it.");
  expect(code).toBe(0);
});

describe("what is wrong", () => {
  test("a damaged file: exit code 2, and what was read of it counts", async () => {
    const path = file("cut.pcap", capture([1, XADR]).subarray(0, -5));
    const { out, err, code } = await runCommand(tune, [path]);
    expect(out).toContain('    "private_command": { "reasons": { "private_verb": "detect" } }\n');
    // Once, although it was played more often.
    expect(err).toMatch(
      /^smtp-inspector tune: .*cut\.pcap: packet \d+ at byte \d+: the file ends after \d+ of \d+ bytes\n$/,
    );
    expect(code).toBe(2);
  });

  test("an incomplete session: exit code 1, and a note", async () => {
    const of = new Talk(7);
    const opened = [of.open(), of.say("server", "220 mx\r\n")];
    of.say("client", "the capture lacks this\r\n");
    const rest = [of.say("server", "500 what\r\n"), of.say("client", XADR), of.close()];
    const path = file("gap.pcap", Buffer.concat([pcapHead(), ...opened, ...rest]));
    const { out, code } = await runCommand(tune, [path]);
    expect(out).toContain("// 1 session incomplete: judged as far as recorded\n");
    expect(code).toBe(1);
  });

  test("no session at all", async () => {
    const { out, err, code } = await runCommand(tune, [file("empty.pcap", pcapHead())]);
    expect([out, code]).toEqual(["", 1]);
    expect(err).toMatch(/^smtp-inspector tune: no SMTP session in .*empty\.pcap; if the server/);
  });

  test("arguments", async () => {
    await expect(runCommand(tune, [])).rejects.toThrow(
      "FILE is missing: name a capture, a transcript or a log",
    );
    await expect(runCommand(tune, [file("x.md", transcript(CLEAN)), "--from", "strictt"])).rejects.toThrow(
      "--from strictt: neither a file nor a profile",
    );
    const refused = file("bad.json", '{"protections":{"nope":"off"}}');
    await expect(runCommand(tune, [file("y.md", transcript(CLEAN)), "--from", refused])).rejects.toThrow(
      `--from ${refused}: `,
    );
    await expect(runCommand(tune, [join(folder, "absent.pcap")])).rejects.toThrow(
      "no such file; check the path",
    );
    const nowhere = join(folder, "absent", "p.json");
    await expect(runCommand(tune, [file("z.md", transcript(CLEAN)), "--output", nowhere])).rejects.toThrow(
      `--output ${nowhere}: no such file`,
    );
  });
});
