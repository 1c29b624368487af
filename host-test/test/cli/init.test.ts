/** `smtp-inspector init`: what it writes is accepted by the filter and says what the profile says (lint.test.ts: clean). */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { PAGES } from "../../pages/generated-pages.js";
import { policyOf } from "../../cli/envoy-yaml.js";
import { init } from "../../cli/init.js";
import { runCommand } from "../support/run-command.js";

interface Written {
  stat_prefix: string;
  profile: string;
  protections: Record<string, string>;
  limits: Record<string, number>;
  events: object;
  exempt_sources: string[];
}

async function envoyPolicy(args: string[]): Promise<Written> {
  return JSON.parse(policyOf((await runCommand(init, args)).out)) as Written;
}

async function istioPolicy(args: string[]): Promise<Written> {
  const { out } = await runCommand(init, ["--for", "istio", ...args]);
  return (parse(out, { version: "1.1" }) as { spec: { pluginConfig: Written } }).spec.pluginConfig;
}

describe("init", () => {
  test("recommended: every default, as envoy/policy.json has it", async () => {
    const defaults = JSON.parse(
      readFileSync(new URL("../../../envoy/policy.json", import.meta.url), "utf8"),
    ) as {
      protections: Record<string, { mode: string }>;
      limits: object;
      events: object;
      exempt_sources: string[];
    };
    const modes = Object.entries(defaults.protections).map(([id, { mode }]) => [id, mode]);
    const expected = {
      ...defaults,
      stat_prefix: "mail_in",
      protections: Object.fromEntries(modes) as object,
    };
    expect(await envoyPolicy([])).toEqual(expected);
    expect(await istioPolicy([])).toEqual(expected);
  });

  test("monitor prevents nothing, strict whatever can be prevented", async () => {
    const modes = async (args: string[]): Promise<string[]> => [
      ...new Set(Object.values((await envoyPolicy(args)).protections)),
    ];
    expect(await modes(["--profile", "monitor"])).toEqual(["detect"]);
    expect(await modes(["--profile", "strict"])).toEqual(["prevent"]);
    expect((await envoyPolicy(["--profile", "strict"])).profile).toBe("strict");
  });

  test("both forms explain each protection in a comment", async () => {
    for (const args of [[], ["--for", "istio"]]) {
      const { out } = await runCommand(init, args);
      const comments = out.split("\n").filter((line) => line.trim().startsWith("#"));
      expect(comments.filter((line) => /Prevent: \w+\.$/.test(line))).toHaveLength(PAGES.length);
      expect(comments.some((line) => line.includes("Longest command line, CRLF included"))).toBe(true);
    }
  });

  test("everything around the policy is that of envoy/envoy.yaml", async () => {
    const whole = readFileSync(new URL("../../../envoy/envoy.yaml", import.meta.url), "utf8");
    const without = (text: string): unknown =>
      JSON.parse(JSON.stringify(parse(text)).replace(JSON.stringify(policyOf(text)), '""'));
    expect(without((await runCommand(init, [])).out)).toEqual(without(whole));
  });

  test("an unknown argument names the possible ones", async () => {
    await expect(async () => runCommand(init, ["--profile", "strickt"])).rejects.toThrow(
      '--profile needs one of monitor, recommended, strict, submission, not "strickt"; did you mean "strict"?',
    );
    await expect(async () => runCommand(init, ["--for", "nginx"])).rejects.toThrow(
      '--for needs one of envoy, istio, not "nginx"',
    );
  });
});
