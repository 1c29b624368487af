/** Every command of `smtp-inspector`, as its help has it. */
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { COMMANDS, usage } from "../../cli/all-commands.js";
import { within } from "../../peers/net.js";
import { isBuilt, program, started } from "../support/program.js";
import { examplesOf, sizeOf } from "../support/run-command.js";

/** Commands that run until they are stopped, with what frees an example from a port that may be taken here. */
const LASTING = new Map([
  ["proxy", ["--listen", "127.0.0.1:0"]],
  ["web", ["--port", "0"]],
]);

/** What each example ends with; 130 is an interruption. */
const EXIT: Record<string, readonly number[]> = {
  replay: [1, 1],
  diff: [1, 1],
  rates: [1, 1],
  tune: [0, 1],
  "from-pcap": [0, 0],
  lint: [0, 0],
  explain: [0, 0, 0],
  init: [0, 0],
  proxy: [130, 130],
  web: [130, 130],
};

test("the list of commands fits a screen and has every command's own line", () => {
  expect(sizeOf(usage()).columns).toBeLessThanOrEqual(80);
  expect(sizeOf(usage()).rows).toBeLessThanOrEqual(24);
  for (const { name, summary } of COMMANDS)
    expect(usage()).toMatch(new RegExp(`^  ${name} +${summary}$`, "m"));
  expect(COMMANDS.map(({ summary }) => summary[0])).toEqual(
    COMMANDS.map(({ summary }) => summary[0]?.toUpperCase()),
  );
});

describe.each(COMMANDS.map((command) => ({ name: command.name, command })))("$name", ({ name, command }) => {
  test("has a help that fits a screen, with its own usage, exit codes and examples", () => {
    expect(sizeOf(command.help).columns).toBeLessThanOrEqual(80);
    expect(sizeOf(command.help).rows).toBeLessThanOrEqual(24);
    expect(command.help).toMatch(new RegExp(`^Usage: smtp-inspector ${name} ?\\W`));
    expect(command.help).toMatch(/\bExit\s+code: 0\b/);
    expect(examplesOf(command).length).toBe(EXIT[name]?.length);
  });

  test("names an option that it has not", async () => {
    const ran = command.run(["--definitely-not"], {
      out() {},
      err() {},
      signal: new AbortController().signal,
    });
    await expect(ran).rejects.toThrow(
      new Error(`unknown option --definitely-not; see smtp-inspector ${name} --help`),
    );
  });

  test.runIf(isBuilt)("prints its help", async () => {
    expect(await program([name, "--help"])).toEqual({ code: 0, out: command.help, err: "" });
  });

  for (const [index, example] of examplesOf(command).entries()) {
    const free = LASTING.get(name);
    test.runIf(isBuilt)(`runs as written: ${example.join(" ")}`, async () => {
      if (free === undefined) {
        const ran = await program([name, ...example]);
        expect(ran.code).toBe(EXIT[name]?.[index]);
        expect(ran.err).toBe("");
        expect(ran.out).not.toBe("");
        return;
      }
      const child = started([name, ...(example.includes(free[0] as string) ? [] : free), ...example]);
      onTestFinished(() => void child.kill("SIGKILL"));
      const exited = once(child, "exit");
      await within(Promise.race([once(child.stdout, "data"), exited]), "the first line");
      expect(child.exitCode).toBeNull();
      child.kill("SIGINT");
      expect(await within(exited, "the end")).toEqual([EXIT[name]?.[index], null]);
    });
  }
});
