/** `smtp-inspector init`: what it writes is accepted by the filter and says what the profile says (lint.test.ts: clean). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { PAGES } from "../../pages/generated-pages.js";
import { type Bootstrap, policyOf } from "../../cli/envoy-yaml.js";
import { init } from "../../cli/init.js";
import { runCommand } from "../support/run-command.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

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

  test("everything around the policy is that of envoy/envoy.yaml, but for the module's place", async () => {
    const whole = readFileSync(new URL("../../../envoy/envoy.yaml", import.meta.url), "utf8");
    const without = (text: string): unknown =>
      JSON.parse(JSON.stringify(parse(text)).replace(JSON.stringify(policyOf(text)), '""'));
    const placed = whole.replace("filename: build/", `filename: ${ROOT}build/`);
    expect(without((await runCommand(init, [])).out)).toEqual(without(placed));
  });

  test("--to, --listen and --wasm say where it listens, sends mail and finds the module", async () => {
    const args = ["--to", "mx.example.org:25", "--listen", "[2001:db8::1]:25", "--wasm", "/opt/filter.wasm"];
    const { out } = await runCommand(init, args);
    expect(out.split("\n")[0]).toBe(
      "# A complete Envoy bootstrap: mail for [2001:db8::1]:25 passes through the filter to a mail server on mx.example.org:25.",
    );
    const { listeners, clusters } = (parse(out) as Bootstrap).static_resources;
    expect(listeners[0]?.address).toEqual({ socket_address: { address: "2001:db8::1", port_value: 25 } });
    expect(clusters[0]).toMatchObject({
      type: "STRICT_DNS",
      load_assignment: {
        endpoints: [
          {
            lb_endpoints: [
              { endpoint: { address: { socket_address: { address: "mx.example.org", port_value: 25 } } } },
            ],
          },
        ],
      },
    });
    expect(out).toContain('filename: "/opt/filter.wasm"');
    // An address needs no resolver, and a relative path would be one of Envoy's folder.
    const plain = (await runCommand(init, ["--to", "192.0.2.25:25", "--wasm", "x.wasm"])).out;
    expect(parse(plain)).toMatchObject({ static_resources: { clusters: [{ type: "STATIC" }] } });
    expect(plain).toContain(`filename: ${JSON.stringify(join(process.cwd(), "x.wasm"))}`);
  });

  test("for Istio they are the workload's port and a URL", async () => {
    const istioOf = async (...args: string[]): Promise<unknown> =>
      (parse((await runCommand(init, ["--for", "istio", ...args])).out) as { spec: object }).spec;
    expect(await istioOf()).toMatchObject({
      url: "file:///etc/envoy/smtp-inspector.wasm",
      match: [{ mode: "SERVER", ports: [{ number: 25 }] }],
    });
    const url = "oci://registry.example.org/smtp-inspector:1.0.0";
    expect(await istioOf("--listen", "*:587", "--wasm", url)).toMatchObject({
      url,
      match: [{ mode: "SERVER", ports: [{ number: 587 }] }],
    });
  });

  test.each([
    [
      ["--to", "mx.example.org"],
      '--to needs HOST:PORT such as 127.0.0.1:2525 or [::1]:25, not "mx.example.org"',
    ],
    [["--listen", "mx.example.org:25"], "--listen needs an address and no name, such as 0.0.0.0:25"],
    [["--listen", "0.0.0.0:0"], "--listen needs HOST:PORT"],
    [["--for", "istio", "--to", "a:25"], "--to is not for Istio"],
    [["--for", "istio", "--listen", "0.0.0.0:25"], "--listen for Istio needs a port alone, as *:25"],
    [
      ["--for", "istio", "--wasm", "x.wasm"],
      "--wasm for Istio needs an absolute path in the proxy, or a URL",
    ],
  ])("%j is answered with what is needed", async (args, message) => {
    await expect(async () => runCommand(init, args)).rejects.toThrow(message);
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
