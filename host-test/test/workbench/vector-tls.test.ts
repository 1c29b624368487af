/** Marks of TLS in a vector, played with a module that starts TLS as its rules say. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ManualClock } from "../../host/clock.js";
import { Plugin } from "../../host/plugin.js";
import { mismatch } from "../../workbench/vector-outcome.js";
import { runScript } from "../../workbench/vector-run.js";
import type { Manner } from "../../workbench/vector-schedule.js";
import { scriptOf } from "../../workbench/vector-script.js";
import { readModule } from "../support/lab.js";
import { buildProbe } from "../support/probe.js";
import { parseVectorFile } from "../support/vector-file.js";

/** Answers STARTTLS itself, and says STARTTLS to the server when the client says XTLS. */
const RULES = [
  "down STARTTLS = set 2 0 99 NOOP~",
  "up 250 noop = set 3 0 99 220 go~; store smtp_inspector.starttls_downstream 1",
  "down XTLS = set 2 0 99 STARTTLS~; continue 2; return 1",
  "up 220 up = set 3 0 99; store smtp_inspector.starttls_upstream 1; set 2 0 0 EHLO f~; continue 2",
  'log = property connection/tls_version; store smtp_inspector probe,"verdict":"clean",',
].join("\n");

const CLIENT = [
  "S: 220 mx",
  "C> STARTTLS",
  "S< NOOP",
  "S> 250 noop",
  "C< 220 go",
  "== TLS client",
  "C: EHLO c",
  "S: 250 mx",
];
const SERVER = [
  "S: 220 mx",
  "C> XTLS",
  "S< STARTTLS",
  "S> 220 up",
  "== TLS server",
  "S< EHLO f",
  "S: 250 mx",
  "C: QUIT",
];

const clock = new ManualClock();
let plugin: Plugin;
beforeAll(async () => {
  plugin = Plugin.load(await readModule(await buildProbe()), { configuration: RULES, clock });
});
afterAll(() => plugin.shutdown());

/** What is wrong with the lines; null when they are as it went. @param host such as `> host: switch` */
function played(lines: string[], host: string, manner: Manner = {}): string | null {
  const blocks = `\`\`\`policy\n{}\n\`\`\`\n\`\`\`smtp\n${lines.join("\n")}\n\`\`\`\n\`\`\`findings\n\`\`\``;
  const [vector] = parseVectorFile(`# x\n## One\n${host}\n${blocks}`, "x.md").cases;
  if (vector === undefined) throw new Error("one case was expected");
  const outcome = runScript(plugin, clock, scriptOf(vector.lines, vector.host), manner);
  return mismatch(vector, outcome)?.seen ?? null;
}

const without = (lines: string[], line: string): string[] => lines.filter((each) => each !== line);

describe("a case with a switch", () => {
  test("has TLS where the filter starts it", () => {
    for (const lines of [CLIENT, SERVER]) expect(played(lines, "> host: switch")).toBe(null);
    expect(played(CLIENT, "> host: switch downstream")).toBe(null);
    expect(played(SERVER, "> host: switch upstream")).toBe(null);
    expect(plugin.logs.map(({ message }) => message)).toContain("property 1");
  });

  test.each<[string, string[], string]>([
    ["without the mark", without(CLIENT, "== TLS client"), "> host: switch"],
    [
      "with the mark on the other side",
      CLIENT.map((line) => line.replace("TLS client", "TLS server")),
      "> host: switch",
    ],
    ["with the mark before the 220", [...CLIENT.slice(0, 4), "== TLS client", "C< 220 go"], "> host: switch"],
    [
      "with the mark after the next command",
      [...CLIENT.slice(0, 5), "C: EHLO c", "== TLS client"],
      "> host: switch",
    ],
    ["in a host without a switch", CLIENT, ""],
    ["in a host that switches the other side", CLIENT, "> host: switch upstream"],
    ["in a host that has TLS from the start", CLIENT, "> host: tls"],
    [
      "with the server's mark after the filter's EHLO",
      [...SERVER.slice(0, 4), "S< EHLO f", "== TLS server"],
      "> host: switch",
    ],
  ])("fails %s", (_how, lines, host) => {
    expect(played(lines, host)).toMatch(/the client receives:/);
  });

  test("says where TLS starts although its lines do not have it", () => {
    expect(played(without(CLIENT, "== TLS client"), "> host: switch")).toContain(
      "  220 go\\r\\n\n  == TLS starts here, not where the case has it\\n\n",
    );
  });

  test("fails when TLS starts amid a reply, for what is left of it would be read as inside", () => {
    const cut: Manner["cut"] = (_side, _nth, text) =>
      text === "250 noop\r\n" ? ["250 noop", "\r\n"] : [text];
    expect(played(CLIENT, "> host: switch", { cut })).toContain(
      "== TLS starts here, not where the case has it",
    );
  });
});

test("the client's TLS is known to the filter, from the start with `> host: tls`", () => {
  plugin.logs.length = 0;
  played(CLIENT, "> host: switch");
  expect(plugin.logs.map(({ message }) => message)).toContain("property 0 TLSv1.3");
  played(["S: 220 mx", "C: QUIT"], "> host: tls");
  expect(plugin.logs.map(({ message }) => message)).toContain("property 0 TLSv1.3");
});

test("a host that no case has is refused by line", () => {
  expect(() => played(CLIENT, "> host: swich")).toThrow(
    'x.md:3: "> host:" needs one of switch, switch downstream, switch upstream, tls',
  );
});
