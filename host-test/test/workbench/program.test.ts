/** The program as it is built, from the project's folder. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../../cli/front.js";
import { replay } from "../../cli/replay.js";
import { type Ran, sizeOf } from "../support/run-command.js";

const main = join(projectRoot(), "dist/host-test/cli/main.js");

/** Runs the program as it is built, from the project's folder. */
function program(args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...args],
      { cwd: projectRoot(), maxBuffer: 64 * 1024 * 1024 },
      (error, out, err) => {
        resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
      },
    );
  });
}

// `npm test` builds it first; whoever runs vitest alone need not have it, and CI accepts no test that was left out.
describe.runIf(existsSync(main))("the program", () => {
  test("help fits a screen, and its examples run as written", async () => {
    const { out, code } = await program(["replay", "--help"]);
    expect(code).toBe(0);
    expect(out).toBe(replay.help);
    expect(sizeOf(out).rows).toBeLessThanOrEqual(24);
    expect(sizeOf(out).columns).toBeLessThanOrEqual(80);
    const examples = out.split("\n").filter((line) => line.startsWith("  smtp-inspector replay "));
    expect(examples).toHaveLength(2);
    for (const example of examples) {
      const ran = await program(example.trim().split(" ").slice(1));
      expect(ran).toMatchObject({ code: 1, err: "" });
      expect(ran.out).toContain("exchange_command");
    }
  });

  test("an unknown command is answered with the nearest", async () => {
    expect(await program(["repaly"])).toEqual({
      code: 2,
      out: "",
      err: 'smtp-inspector: no command "repaly"; did you mean replay?\n',
    });
    expect(await program(["--version"])).toMatchObject({ code: 0, out: "smtp-inspector 0.1.0\n" });
    expect(await program([])).toMatchObject({ code: 2, out: "" });
  });
});
