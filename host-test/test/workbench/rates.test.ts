/** `smtp-inspector rates`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rates } from "../../cli/rates.js";
import { atMost } from "../../workbench/rates.js";
import { runCommand } from "../support/run-command.js";
import { ipv4, pcap, RAW } from "./streams.js";

let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "rates-"))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** A transcript of conversations, each a greeting, then these lines. */
const transcript = (...conversations: string[]): string =>
  conversations.map((lines) => `\`\`\`smtp\nS: 220 mx\nC: EHLO a\nS: 250 mx\n${lines}\n\`\`\`\n`).join("");

const CLEAN = "C: QUIT\nS: 221 bye";
const PRIVATE = "C: XADR\nS: 500 what";
const TWICE = `${PRIVATE}\nC: XCIR\nS: 500 what\nC: NOOP \\0\nS: 250 ok`;

describe("the table", () => {
  test("protections with their reasons, the most frequent first; then what was clean", async () => {
    mkdirSync(join(folder, "mail"));
    const first = file("mail/a.md", transcript(CLEAN, PRIVATE, CLEAN));
    file("mail/b.md", transcript(TWICE, CLEAN, CLEAN, CLEAN, CLEAN, CLEAN, CLEAN));
    const { out, err, code } = await runCommand(rates, [join(folder, "mail")]);
    expect(out.replaceAll(folder, "").split("\n")).toEqual([
      "protection, reason      sessions    share  at most  findings  mode    first in",
      "private_command                2  20.00 %  50.98 %         3  detect  /mail/a.md session 1",
      "  private_verb                 2  20.00 %  50.98 %         3  detect  /mail/a.md session 1",
      "binary_data_in_command         1  10.00 %  40.42 %         1  detect  /mail/b.md session 0",
      "  nul                          1  10.00 %  40.42 %         1  detect  /mail/b.md session 0",
      "",
      "# 2 files; 10 sessions; 8 clean (80.00 %)",
      "# 59 of 61 protections found nothing: with 95 % confidence each matches at most 27.75 % of such sessions",
      "",
    ]);
    expect([err, code, first]).toEqual(["", 1, join(folder, "mail/a.md")]);
  });

  test("the same as JSON, under a policy that prevents", async () => {
    const path = file("json.md", transcript(CLEAN, TWICE));
    const { out } = await runCommand(rates, [path, "--policy", "recommended", "--json"]);
    const found = JSON.parse(out) as { protections: unknown[] };
    expect(found).toMatchObject({ files: 1, notWhole: 0, sessions: 2, clean: 1, notJudged: 0, cutShort: 0 });
    expect(found.protections[0]).toEqual({
      name: "private_command",
      sessions: 1,
      findings: 2,
      mode: "prevent",
      example: { file: path, session: 1 },
      share: 0.5,
      atMost: atMost(1, 2),
      reasons: [
        {
          name: "private_verb",
          sessions: 1,
          findings: 2,
          mode: "prevent",
          example: { file: path, session: 1 },
          share: 0.5,
          atMost: atMost(1, 2),
        },
      ],
    });
    const text = await runCommand(rates, [path, "--policy", "recommended"]);
    expect(text.out).toContain("\n# 59 of 61 protections found nothing, including those that are off\n");
  });

  test("no findings: exit code 0", async () => {
    expect(await runCommand(rates, [file("clean.md", transcript(CLEAN, CLEAN))])).toEqual({
      code: 0,
      out:
        "# 1 file; 2 sessions; 2 clean (100.00 %)\n" +
        "# 61 of 61 protections found nothing: with 95 % confidence each matches at most 65.76 % of such sessions\n",
      err: "",
    });
  });

  test("incomplete sessions are in no share, and not clean", async () => {
    const path = file("middle.pcap", pcap(RAW, [ipv4({ from: "server", seq: 5, text: "250 mx\r\n" })]));
    const { out, code } = await runCommand(rates, [path, file("one.md", transcript(CLEAN))]);
    expect(out.split("\n")[0]).toBe(
      "# 2 files; 2 sessions; 1 clean (100.00 %); 1 without findings, but incomplete: not in the shares",
    );
    expect(code).toBe(1);
  });

  test("a damaged file is said, and the rest is counted", async () => {
    const whole = pcap(RAW, [ipv4({ from: "server", seq: 5, text: "250 mx\r\n" })]);
    const path = file("cut.pcap", whole.subarray(0, -5));
    const { out, err, code } = await runCommand(rates, [path, file("one.md", transcript(CLEAN))]);
    expect(out.split("\n")[0]).toBe("# 2 files; 1 session; 1 clean (100.00 %); 1 file not read completely");
    expect(err).toBe(
      `smtp-inspector rates: ${path}: packet 1 at byte 24: the file ends after 43 of 48 bytes\n`,
    );
    expect(code).toBe(2);
  });
});

/** Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3. */
test.each([
  [81, 263, 0.3662],
  [15, 148, 0.1605],
  [0, 20, 0.1611],
  [1, 29, 0.1718],
])("at most: %d of %d", (hits, total, upper) => {
  expect(atMost(hits, total)).toBeCloseTo(upper, 4);
});

test("at most: nothing is known of nothing", () => {
  expect(atMost(0, 0)).toBe(1);
});

describe("arguments", () => {
  test("without a folder", async () => {
    await expect(runCommand(rates, [])).rejects.toThrow(
      "FOLDER is missing: name a folder, a capture or a transcript",
    );
  });
});
