/** What helps to find the one session among many: a line each, only those with findings, and why a reply differs. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { diff } from "../../cli/diff.js";
import { replay } from "../../cli/replay.js";
import { runCommand } from "../support/run-command.js";

const folder = mkdtempSync(join(tmpdir(), "smtp-inspector-many-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const PLAIN = "S: 220 mx.example\nC: EHLO b\nS: 250-mx.example\nS: 250 STARTTLS\nC: XADR\n";

describe("many sessions", () => {
  const CLEAN = "S: 220 a\nC: EHLO b\nS: 250 a\nC: QUIT\nS: 221 bye\n";
  const page = (): string =>
    file("two.md", `# good\n\`\`\`smtp\n${CLEAN}\`\`\`\n# bad\n\`\`\`smtp\n${PLAIN}C: XADR\n\`\`\`\n`);

  test("--summary has a line for each, with its findings", async () => {
    const { code, out } = await runCommand(replay, [page(), "--summary"]);
    expect(code).toBe(1);
    expect(out.split("\n").slice(1)).toEqual([
      "== session 0  good  192.0.2.10:40000 → 192.0.2.25:25  2023-11-14 22:13:20 UTC  clean; left open",
      "== session 1  bad  192.0.2.10:40000 → 192.0.2.25:25  2023-11-14 22:13:20 UTC  prevented; 2 findings; left open; private_command/private_verb (reject)",
      "# 2 sessions; 1 with findings",
      "",
      "",
    ]);
  });

  test("--only findings leaves the others out, and counts them", async () => {
    const { out } = await runCommand(replay, [page(), "--only", "findings"]);
    expect(out).not.toContain("session 0");
    expect(out).toContain("== session 1  bad");
    expect(out).toContain("# 2 sessions; 1 with findings");
    const json = await runCommand(replay, [page(), "--only", "findings", "--json"]);
    const types = json.out
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { event_type: string }).event_type);
    expect(types.filter((type) => type !== "alert")).toEqual(["smtp", "replay"]);
    await expect(runCommand(replay, [page(), "--only", "clean"])).rejects.toThrow(
      '--only needs findings, not "clean"',
    );
    await expect(runCommand(replay, [page(), "--summary", "--html"])).rejects.toThrow(
      "--html and --summary cannot be combined: give one of them",
    );
  });

  test("diff names what leaves the reply to EHLO without a finding", async () => {
    const path = file("offers.log", "S: 220 a\nC: EHLO b\nS: 250-a\nS: 250 STARTTLS\nC: QUIT\nS: 221 bye\n");
    const policies = ["--policy", "recommended", "--policy", "strict", path];
    const { code, out } = await runCommand(diff, policies);
    expect(code).toBe(1);
    expect(out).toContain(
      "== clean → clean; the client gets 23 bytes instead of 37\nS> 250 STARTTLS\n^ STARTTLS is stripped from the reply, without a finding\n",
    );
    const [json] = (await runCommand(diff, [...policies, "--json"])).out.split("\n");
    expect(JSON.parse(json as string)).toMatchObject({
      decides: {
        before: null,
        after: null,
        altered: "STARTTLS is stripped from the reply",
        lines: ["S> 250 STARTTLS"],
      },
    });
    const back = await runCommand(diff, ["--policy", "strict", "--policy", "recommended", path]);
    expect(back.out).toContain("S: 250 STARTTLS\n^ STARTTLS is in the reply, without a finding\n");
  });
});
