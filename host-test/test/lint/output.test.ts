/** What `lint` says of a file that is well, and what programs read. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { lint } from "../../cli/lint.js";
import { runCommand } from "../support/run-command.js";

test("without a problem there is a line that says so", async () => {
  const folder = mkdtempSync(join(tmpdir(), "smtp-inspector-lint-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [good, bad] = [join(folder, "good.json"), join(folder, "bad.json")];
  writeFileSync(good, '{"profile":"monitor"}');
  writeFileSync(bad, '{"profile":\n"monitr"}');
  expect(await runCommand(lint, [good])).toEqual({ code: 0, out: `${good}: OK, 0 problems\n`, err: "" });
  const missing = join(folder, "missing.json");
  const { code, out, err } = await runCommand(lint, [good, bad, missing, "--json"]);
  expect({ code, err }).toEqual({ code: 2, err: "" });
  const problem = {
    line: 2,
    column: 1,
    level: "error",
    what: expect.stringContaining("profile") as string,
  };
  expect(
    out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object),
  ).toEqual([
    { file: good, problems: [], error: null },
    { file: bad, problems: [{ ...problem, fix: expect.any(String) as string }], error: null },
    { file: missing, problems: [], error: `${missing}: no such file; check the path` },
  ]);
});
