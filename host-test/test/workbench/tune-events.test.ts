/** `smtp-inspector tune` on logs with the filter's events, and on what only looks like such a log. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tune } from "../../cli/tune.js";
import { eventOn, newEventLog, readEvents } from "../../cli/tune-events.js";
import { parameters } from "../support/arbitrary.js";
import { ended, isBuilt, started } from "../support/program.js";
import { runCommand } from "../support/run-command.js";
import { capture, policyIn, XADR } from "./tune-traffic.js";

let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "tune-events-"))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Of private_command, which has other reasons than that of XADR. */
const DETECT = { reasons: { private_verb: "detect" } };
const PREFIX =
  "[2026-11-28 03:00:00.123][12][info][wasm] [source/extensions/common/wasm/context.cc:1164] " +
  "wasm log smtp_inspector smtp_inspector smtp_inspector: ";

/** An event as the filter writes it. */
const event = (protection: string, reason: string, source = "192.0.2.1", more: object = {}): string =>
  JSON.stringify({
    event_type: "alert",
    src_ip: source,
    src_port: 40000,
    dest_ip: "192.0.2.25",
    dest_port: 25,
    protection,
    reason,
    mode: "detect",
    action: "detect",
    phase: "command",
    verb: "XADR",
    excerpt: "XXXX",
    ...more,
  });

const PRIVATE = event("private_command", "private_verb");

/** What a log becomes: the protections of the policy. */
async function protections(lines: string[], ...args: string[]): Promise<unknown> {
  const { out } = await runCommand(tune, [file("envoy.log", `${lines.join("\n")}\n`), "--json", ...args]);
  return policyIn(out)["protections"];
}

/** All that a log of `monitor` does not have. */
const UNSEEN = {
  lax_command_syntax: expect.objectContaining({
    reasons: expect.objectContaining({ colon_blank: "detect" }),
  }),
};

describe("a log", () => {
  test.each([
    ["as the filter writes it", PRIVATE],
    ["after Envoy's prefix", PREFIX + PRIVATE],
    ["after Kubernetes' and Envoy's prefix", `2026-11-28T03:00:00.1Z stdout F ${PREFIX}${PRIVATE}`],
    ["in Docker's JSON", JSON.stringify({ log: `${PREFIX}${PRIVATE}\n`, stream: "stderr" })],
    ["in journald's JSON", JSON.stringify({ _PID: "1", MESSAGE: PREFIX + PRIVATE })],
    ["with CRLF", `${PRIVATE}\r`],
  ])("an event %s", async (_, line) => {
    expect(await protections(["[info] something else", line, ""])).toMatchObject({ private_command: DETECT });
  });

  test("the report: how often, from where, the first line, and that nothing was tried", async () => {
    const path = file(
      "text.log",
      [
        PREFIX + PRIVATE,
        PRIVATE,
        event("private_command", "private_verb", "192.0.2.2"),
        event("private_command", "private_verb", "192.0.2.3"),
      ].join("\n"),
    );
    const { out, err, code } = await runCommand(tune, [path]);
    expect(out).toContain("leaves this traffic alone: 4 events in 1 log; 3 sources.\n");
    expect(out).toContain(
      `    // private_verb: 4 findings from 3 sources\n    //   first in ${path} line 1: XXXX\n    "private_command": { "reasons": { "private_verb": "detect" } }`,
    );
    expect(out).toContain(
      "// A log has no bytes to play: what it says was counted once, and the result was not tried on it.\n",
    );
    expect(out).not.toContain("95 %");
    expect([err, code]).toEqual(["", 0]);
  });

  test("what monitor does not report is not known, and so not prevented", async () => {
    expect(await protections([PRIVATE])).toMatchObject({ ...UNSEEN, private_command: DETECT });
    expect(await protections([PRIVATE], "--logged-under", "strict")).toEqual({ private_command: DETECT });
    const { out } = await runCommand(tune, [file("unseen.log", PRIVATE)]);
    expect(out).toContain("    // colon_blank: not known, a log under monitor does not have it\n");
  });

  test("of a shadow: its policy is the one to relax, and its findings are not counted twice", async () => {
    const shadow = event("private_command", "private_verb", "192.0.2.1", { shadow: true, action: "reject" });
    expect(await protections([PRIVATE, shadow])).toEqual({ private_command: DETECT });
    const { out, code } = await runCommand(tune, [file("shadow.log", `${PRIVATE}\n${shadow}\n${shadow}\n`)]);
    expect(out).toContain("1 event and 2 of a shadow in 1 log");
    expect(out).toContain("private_verb: 2 findings from 1 source\n");
    expect(code).toBe(0);
  });

  test("one source of several is exempt, as in recordings", async () => {
    const other = event("bare_newline_in_data", "lf", "2001:db8::7");
    const lines = [
      PRIVATE,
      ...["192.0.2.2", "192.0.2.3"].map((ip) => event("private_command", "private_verb", ip)),
      other,
    ];
    expect(await protections(lines, "--logged-under", "strict")).toEqual({
      private_command: DETECT,
      bare_newline_in_data: { exempt_sources: ["2001:db8::7"] },
    });
  });

  test("what is missing in it is said, with exit code 1", async () => {
    const lines = [
      event("private_command", "private_verb", "192.0.2.1", { suppressed: 12 }),
      event("private_command", "private_verb", "192.0.2.1", { action: "reject", mode: "prevent" }),
      event("of_the_future", "what"),
      `${PREFIX}{"${"x".repeat(70_000)}`,
    ];
    const { out, code } = await runCommand(tune, [file("missing.log", lines.join("\n"))]);
    expect(out).toContain("// 12 findings missing in the log: raise events.max_per_second\n");
    expect(out).toContain("// 1 event of what was prevented: how those sessions would go on is not known\n");
    expect(out).toContain("// 1 event with a protection or reason that is not known here\n");
    expect(out).toContain("// 1 line too long to be an event: not read\n");
    expect(code).toBe(1);
  });

  test("no event at all: no policy", async () => {
    const path = file("other.log", "[info] hello\n");
    expect(await runCommand(tune, [path])).toEqual({
      code: 1,
      out: "",
      err: `smtp-inspector tune: no event of the filter in ${path}; Envoy writes them at --component-log-level wasm:info\n`,
    });
  });

  test("together with a capture, each has its part", async () => {
    const log = file("with.log", event("bare_newline_in_data", "lf", "192.0.2.9"));
    const recorded = file("with.pcap", capture([1, XADR]));
    const { out } = await runCommand(tune, [log, recorded, "--json", "--logged-under", "strict"]);
    expect(policyIn(out)["protections"]).toEqual({
      private_command: { exempt_sources: ["10.0.0.1"] },
      bare_newline_in_data: { exempt_sources: ["192.0.2.9"] },
    });
  });

  test.runIf(isBuilt)("through a pipe; a capture has to be a file", async () => {
    const child = started(["tune", "-", "--json"]);
    child.stdin.end(`${PREFIX}${PRIVATE}\n`);
    const { out, code } = await ended(child);
    expect(policyIn(out)["protections"]).toMatchObject({ private_command: DETECT });
    expect(code).toBe(0);
    const other = started(["tune", "-"]);
    other.stdin.end(capture([1, XADR]));
    expect(await ended(other)).toEqual({
      code: 2,
      out: "",
      err: "smtp-inspector tune: -: a capture is played more than once, and a pipe cannot be: save it to a file\n",
    });
  });
});

describe("hostile lines", () => {
  test.each([
    ["in an access log", `10.0.0.1 "GET / HTTP/1.1" 200 "wasm log a: ${PRIVATE}"`],
    ["after other JSON", `{"user":"x"} ${PRIVATE}`],
    ["after words that are not Envoy's", `hello ${PRIVATE}`],
    ["in an event's own field", event("x", "y", "192.0.2.1", { excerpt: PRIVATE })],
    ["in a JSON that is wrapped twice", JSON.stringify({ log: JSON.stringify({ log: PRIVATE }) })],
    ["that go on after the event", `${PRIVATE} "`],
    ["cut", PRIVATE.slice(0, -1)],
    ["of another type", PRIVATE.replace("alert", "flow")],
    ["that are a list", `[${PRIVATE}]`],
  ])("%s: no event", (_, line) => {
    const found = eventOn(line);
    expect(found?.["protection"]).not.toBe("private_command");
  });

  test("nothing of a field is printed as it is, and only an address is taken for one", async () => {
    const odd = event("private_command", "private_verb", '"], "profile": "off', {
      excerpt: "\u001b[2J\u202e\n// }",
      verb: "\r\n}",
    });
    const others = ["192.0.2.1", "192.0.2.2"].map((ip) => event("bare_newline_in_data", "lf", ip));
    const { out, err } = await runCommand(tune, [file("odd\u001b.log", [odd, ...others, odd].join("\n"))]);
    expect(out).toContain("line 1: \\x1b[2J\\u202e\\x0a// }\n");
    expect(out).toContain("odd\\x1b.log");
    expect(out).toContain('    "private_command": { "reasons": { "private_verb": "detect" } }');
    expect(out + err).toMatch(/^[\n\x20-\x7e…]*$/);
  });

  test("names that JavaScript's objects have are no protections", async () => {
    const lines = ["__proto__", "constructor", "toString"].map((name) => event(name, name));
    expect(await protections([PRIVATE, ...lines], "--logged-under", "strict")).toEqual({
      private_command: DETECT,
    });
  });

  test("any bytes, cut anywhere, are read alike and in bounded memory", async () => {
    const line = fc.oneof(
      fc.constantFrom(PRIVATE, PREFIX + PRIVATE, "", "{", '{"event_type":"alert"}', "\r", "x".repeat(66_000)),
      fc.string({ unit: "binary", maxLength: 40 }),
    );
    const isKnown = (protection: string): boolean => protection === "private_command";
    const read = async (bytes: Buffer, size: number): Promise<unknown> => {
      const log = newEventLog();
      const chunks = async function* (): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      };
      await readEvents("log", chunks(), isKnown, log);
      return { ...log, live: log.live.rows, shadow: log.shadow.rows };
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        fc.integer({ min: 1, max: 999 }),
        async (lines, size) => {
          const bytes = Buffer.from(lines.join("\n"));
          const whole = await read(bytes, Math.max(1, bytes.length));
          expect(await read(bytes, size)).toEqual(whole);
          const wanted = lines
            .join("\n")
            .split("\n")
            .filter((each) => [PRIVATE, PREFIX + PRIVATE].includes(each.replace(/\r$/, "")));
          expect((whole as { events: { live: number } }).events.live).toBe(wanted.length);
        },
      ),
      parameters(200, 5000),
    );
  });
});
