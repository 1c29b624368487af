/** `smtp-inspector lint`: 44 broken configurations, each with its expected lines; the project's own files are clean. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, parseDocument, Scalar } from "yaml";
import { init } from "../../cli/init.js";
import { filterModule } from "../../cli/front.js";
import { lint } from "../../cli/lint.js";
import { filterCheck } from "../../lint/filter-check.js";
import { lintFile } from "../../lint/file.js";
import { nearest } from "../../lint/nearest.js";
import { problemLines } from "../../lint/problem.js";
import { scalarOffsets } from "../../lint/scalar.js";
import { runCommand } from "../support/run-command.js";

const FOLDER = fileURLToPath(new URL("./inputs/", import.meta.url));
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const check = filterCheck(filterModule());

/** What lint reports for a text in a file called `f`. */
function said(text: string | Uint8Array): string[] {
  const linted = lintFile(typeof text === "string" ? new TextEncoder().encode(text) : text, check);
  return problemLines("f", linted.text, linted.problems);
}

describe("a broken configuration", () => {
  const expected = readFileSync(`${FOLDER}expected.txt`, "utf8").trimEnd().split("\n");
  const files = readdirSync(FOLDER).filter((name) => name !== "expected.txt");

  for (const name of files.sort()) {
    test(name, async () => {
      const ran = await runCommand(lint, [FOLDER + name]);
      const lines = ran.out.replaceAll(FOLDER, "").trimEnd().split("\n");
      expect(lines).toEqual(expected.filter((line) => line.startsWith(`${name}:`)));
      expect(ran).toMatchObject({ code: 1, err: "" });
    });
  }
  test("expected.txt has a line for each file and for no other", () => {
    expect([...new Set(expected.map((line) => line.split(":")[0]))].sort()).toEqual(files.sort());
  });
});

/** The note about recommended. */
const NOTE =
  'note: STARTTLS is allowed (starttls_command: off) while 25 protections prevent: a client that switches to TLS bypasses them – set "starttls": { "terminate": true } and see envoy/starttls, or "starttls_command": "prevent", which hides STARTTLS';

/** Errors and warnings. */
const faults = (text: string | Uint8Array): string[] => said(text).filter((line) => !line.endsWith(NOTE));

describe("a clean configuration", () => {
  for (const place of ["envoy.yaml:95:25", "policy.json:266:5"]) {
    const name = place.split(":")[0] ?? "";
    test(`envoy/${name} has its one note, and exit code 0`, async () => {
      const { code, out, err } = await runCommand(lint, [`${ROOT}envoy/${name}`]);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out.replace(ROOT, "")).toBe(`envoy/${place}: ${NOTE}\n`);
    });
  }
  test("all other YAML in envoy/", () => {
    // What stands before the filter has neither filter nor policy in it.
    const names = readdirSync(`${ROOT}envoy`).filter((name) => /(?<!^limits)\.yaml$/.test(name));
    expect(names.flatMap((name) => faults(new Uint8Array(readFileSync(`${ROOT}envoy/${name}`))))).toEqual([]);
  });
  for (const args of [[], ["--profile", "monitor"], ["--profile", "strict"], ["--for", "istio"]]) {
    test(`what init ${args.join(" ")} writes`, async () => {
      const { out } = await runCommand(init, args);
      expect(faults(out)).toEqual([]);
    });
  }
  test("stats.yaml by itself is checked as what it is", () => {
    const text = readFileSync(`${ROOT}envoy/stats.yaml`, "utf8");
    expect(said(text.replace("stats_tags", "stat_tags"))).toEqual([
      "f:9:1: warning: no stats_tags for the filter: Prometheus gets long names instead of labels – copy stats_config from envoy/stats.yaml",
      'f:10:3: error: unknown field "stat_tags" – did you mean "stats_tags"?',
    ]);
  });
  test("an empty file, which is the default policy", () => {
    expect(faults("")).toEqual([]);
  });
  test("another wasm filter beside ours is ignored", () => {
    const text = readFileSync(`${ROOT}envoy/envoy.yaml`, "utf8");
    const other = `            - name: other
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.wasm.v3.Wasm
                config: { name: geo }
`;
    expect(faults(text.replace("        - filters:\n", `        - filters:\n${other}`))).toEqual([]);
  });
});

describe("STARTTLS allowed while protections prevent", () => {
  const warned = (policy: object): boolean => faults(JSON.stringify(policy)).length > 0;
  test("is the known compromise of recommended, and gets a note", () => {
    expect(warned({})).toBe(false);
    expect(said('{"protections":{"starttls_command":"detect","private_command":"prevent"}}')[0]).toMatch(
      /note: STARTTLS is allowed \(starttls_command: detect\)/,
    );
    expect(said("{}")).toEqual([`f:1:1: ${NOTE}`]);
    expect(said('{"profile":"monitor"}')).toEqual([]);
    expect(said('{"profile":"monitor","protections":{"private_command":"prevent"}}')).toEqual([
      `f:1:2: ${NOTE.replace(": off)", ": detect)")
        .replace(/\d+ protections prevent/, "private_command prevents")
        .replace("bypasses them", "bypasses it")}`,
    ]);
  });
  test("is reported to who goes beyond recommended", () => {
    expect(said('{"protections":{"nul_in_data":"prevent"}}')).toEqual([
      'f:1:1: warning: STARTTLS is allowed (starttls_command: off) while nul_in_data prevents: a client that switches to TLS bypasses it – set "starttls": { "terminate": true } and see envoy/starttls, or "starttls_command": "prevent", which hides STARTTLS',
    ]);
    expect(warned({ profile: "strict", protections: { starttls_command: { mode: "detect" } } })).toBe(true);
  });
  test("is no warning for who writes the default, or prevents nothing", () => {
    expect(warned({ protections: { starttls_command: "off" } })).toBe(false);
    expect(warned({ profile: "monitor", protections: { starttls_command: "off" } })).toBe(false);
  });
  test("is no problem in strict", () => {
    expect(said('{"profile":"strict"}')).toEqual([]);
  });
});

describe("what lint cannot read", () => {
  test("no FILE at all", async () => {
    await expect(async () => runCommand(lint, [])).rejects.toThrow("lint needs a FILE");
  });
  test("YAML with neither filter nor policy", () => {
    expect(said("apiVersion: v1\nkind: Service\n")).toEqual([
      'f:1:1: error: there is neither a wasm network filter nor a WasmPlugin here – add one: "smtp-inspector init" writes a complete configuration',
    ]);
  });
  test("a thousand open brackets are an error with a place, not a crash", () => {
    expect(said(`typed_config: ${"[".repeat(1000)}`)).toHaveLength(1);
  });
  test("aliases of aliases are not expanded", () => {
    const bomb = Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`).join(
      "\n",
    );
    const plugin = `apiVersion: x\nkind: WasmPlugin\na0: &a0 x\n${bomb}\nspec: { type: NETWORK, failStrategy: FAIL_RELOAD, match: [{ ports: [{ number: 25 }] }], pluginConfig: { protections: *a40 } }\n`;
    expect(said(plugin)).toEqual([expect.stringMatching(/^f:\d+:\d+: error: .* – .*$/) as string]);
  });
  test("control characters of a file come out escaped", () => {
    expect(said('{"\u001b[31m":1}').join()).not.toContain("\u001b");
    expect(problemLines("\u001b[31m", "", [{ offset: 0, level: "error", what: "w", fix: "f" }])).toEqual([
      "\\x1b[31m:1:1: error: w – f",
    ]);
  });
});

describe("the same configuration written differently", () => {
  const block = readFileSync(`${FOLDER}limit-in-a-block.yaml`, "utf8");
  const problems = (text: string): string[] => said(text).map((line) => line.replace(/ – .*/, ""));
  test("with CRLF", () => {
    expect(problems(block.replaceAll("\n", "\r\n"))).toEqual([
      "f:42:59: error: $.limits.command_line_bytes: found 20000",
    ]);
  });
  test("as JSON on one line", () => {
    const text = JSON.stringify(parse(block));
    const column = text.indexOf("20000") + 1;
    expect(problems(text)).toEqual([`f:1:${column}: error: $.limits.command_line_bytes: found 20000`]);
  });
  test("in lowerCamelCase, which protobuf also accepts", () => {
    const text = readFileSync(`${FOLDER}no-failure-policy.yaml`, "utf8").replace("vm_config", "vmConfig");
    expect(problems(text.replace("root_id: smtp_inspector", "failurePolicy: FAIL_RELOAD"))).toEqual([
      `f:38:29: ${NOTE.split(" – ")[0]}`,
    ]);
  });
  test("with the policy in an alias", () => {
    const text = block.replace("value: |", "value: &policy |") + "node: { id: *policy }\n";
    expect(problems(text)).toEqual(["f:42:59: error: $.limits.command_line_bytes: found 20000"]);
  });
  test("in pieces: whatever is cut out or inserted, there is an answer", () => {
    const files = readdirSync(FOLDER).filter((name) => name !== "expected.txt");
    const texts = files.map((name) => readFileSync(FOLDER + name, "utf8"));
    const piece = fc.constantFrom(
      "",
      "{",
      "}",
      "[",
      ":",
      "- ",
      "|",
      '"',
      "'",
      "&a ",
      "*a",
      "\t",
      "\n",
      "#",
      "---\n",
      "\0",
    );
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.nat(2000), fc.nat(30), piece, (text, at, cut, put) => {
        const broken = text.slice(0, at) + put + text.slice(at + cut);
        for (const line of said(broken)) expect(line).toMatch(/^f:\d+:\d+: (?:error|warning|note): .+ – .+$/);
      }),
      { numRuns: 300 },
    );
  });
});

describe("the place of a character of a scalar", () => {
  const styles = ["PLAIN", "QUOTE_DOUBLE", "QUOTE_SINGLE", "BLOCK_LITERAL", "BLOCK_FOLDED"] as const;
  test("is found in every style of YAML, whatever is in the policy", () => {
    const word = fc.stringMatching(/^[ -~é€😀\t]{0,20}$/u);
    fc.assert(
      fc.property(
        fc.constantFrom(...styles),
        fc.array(word, { maxLength: 8 }),
        fc.nat(6),
        (style, words, depth) => {
          const value = JSON.stringify({ words }, null, style === "PLAIN" ? 0 : 2);
          let document = parseDocument("{}").createNode(value) as unknown;
          (document as Scalar).type = Scalar[style];
          for (let level = 0; level <= depth; level++) document = { key: document };
          const source = parseDocument("{}");
          source.contents = source.createNode(document) as typeof source.contents;
          const text = source.toString({ lineWidth: 30 });
          const again = parseDocument(text, { keepSourceTokens: true });
          const node = again.getIn(Array<string>(depth + 1).fill("key"), true) as Scalar;
          const offsets = scalarOffsets(node, String(node.value), text);
          const found = [...String(node.value)].flatMap((character, index) => {
            const at = offsets[[...String(node.value)].slice(0, index).join("").length] ?? -1;
            return /[a-z0-9{}[\]:,]/.test(character) ? [[character, text[at]]] : [];
          });
          expect(found.filter(([wanted, got]) => wanted !== got)).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("did you mean", () => {
  test("one wrong, missing, extra or swapped letter, and hyphens", () => {
    const known = ["private_command", "nul_in_data"];
    expect(nearest("privat_comand", known)).toBe("private_command");
    expect(nearest("NUL-in-daat", known)).toBe("nul_in_data");
    expect(nearest("virus", known)).toBeNull();
  });
});
