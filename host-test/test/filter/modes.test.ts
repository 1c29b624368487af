import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Plugin } from "../../host/plugin.js";
import { alertOf } from "../../workbench/events.js";

const ROOT = join(import.meta.dirname, "../../..");
const WASM = new WebAssembly.Module(readFileSync(join(ROOT, "build/smtp-inspector.wasm")));

/** Verbs that `recommended` would refuse are let through, so that their replies come into play. */
const WATCH = '{"profile":"monitor"}';
const PREVENT = '{"profile":"monitor","protections":{"non_compliant_smtp":"prevent"}}';
const HOLD_LITTLE = '{"profile":"monitor","limits":{"held_bytes":4096}}';

const GREETED = ["S 220 mx\r\n"];
const AUTH = [...GREETED, "C AUTH LOGIN\r\n", "S 334 VXNlcg==\r\n"];
const DATA = [...GREETED, "C DATA\r\n", "S 354 go\r\n"];

/** For each line of the diagram: bytes that walk it, from the start of a session. */
const WALKS: Record<string, { policy?: string; steps: string[] }> = {
  "greeting --any reply--> command": { steps: GREETED },
  "command --354 to DATA--> data": { steps: DATA },
  "command --other to DATA--> command": { steps: [...GREETED, "C DATA\r\n", "S 503 no\r\n"] },
  "data --CRLF.CRLF of the client--> command": { steps: [...DATA, "C a\r\n.\r\n"] },
  "command --334 to AUTH or X-EXPS--> auth": { steps: AUTH },
  "auth --334 to a response--> auth": { steps: [...AUTH, "C dQ==\r\n", "S 334 UGFzcw==\r\n"] },
  "auth --other to a response--> command": { steps: [...AUTH, "C dQ==\r\n", "S 535 no\r\n"] },
  "command --220 to STARTTLS or X-ANONYMOUSTLS--> tls": {
    steps: [...GREETED, "C STARTTLS\r\n", "S 220 go\r\n"],
  },
  "command --other to STARTTLS or X-ANONYMOUSTLS--> command": {
    steps: [...GREETED, "C STARTTLS\r\n", "S 454 no\r\n"],
  },
  "command --354 to XEXCH50, and its octets--> command": {
    steps: [...GREETED, "C XEXCH50 4 2\r\n", "S 354 go\r\n", "C \0\0\0\0", "S 250 ok\r\n"],
  },
  "command --220 to XCLIENT--> command": { steps: [...GREETED, "C XCLIENT NAME=a\r\n", "S 220 mx\r\n"] },
  "command --2xx to TURN or ATRN, prevented--> closing": {
    policy: PREVENT,
    steps: [...GREETED, "C TURN\r\n", "S 250 ok\r\n"],
  },
  "command --too much held or outstanding, only detected--> lost": {
    policy: HOLD_LITTLE,
    steps: [...GREETED, "C DATA\r\n", `C ${"a".repeat(5000)}`, "S 354 go\r\n"],
  },
};

/** Walks the steps, then sends what every mode judges in its own way: the phase of that finding is the mode. */
function modeAfter(policy: string, steps: readonly string[]): string {
  const plugin = Plugin.load(WASM, { configuration: policy });
  const connection = plugin.connect();
  for (const step of steps) {
    const bytes = Buffer.from(step.slice(2), "latin1");
    if (step.startsWith("S")) connection.fromServer(bytes);
    else connection.fromClient(bytes);
  }
  const before = plugin.logs.length;
  connection.fromClient(Buffer.from("\0\r\n"));
  const event = plugin.logs[before];
  if (event && alertOf(event.message) !== null) return (JSON.parse(event.message) as { phase: string }).phase;
  // Nothing is read any more: either it still passes, or the session is being ended.
  return Buffer.from(connection.toServer).toString("latin1").endsWith("\0\r\n") ? "lost" : "closing";
}

describe("the diagram of modes in assembly/session/modes.ts", () => {
  const source = readFileSync(join(ROOT, "assembly/session/modes.ts"), "utf8");
  const lines = [...source.matchAll(/^ \* {3}(\w+ --.+--> \w+)$/gm)].map((match) => match[1] as string);

  test("has a walk for each of its lines, and no other", () => {
    expect(lines).toEqual(Object.keys(WALKS));
  });

  test.each(lines)("%s", (line) => {
    const walk = WALKS[line];
    expect(modeAfter(walk?.policy ?? WATCH, walk?.steps ?? [])).toBe(line.split("--> ")[1]);
  });

  test("a client line alone moves nothing", () => {
    for (const line of ["DATA", "AUTH LOGIN", "STARTTLS", "XEXCH50 4 2", "X-EXPS NTLM"]) {
      expect(modeAfter(WATCH, [...GREETED, `C ${line}\r\n`, "S 500 no\r\n"]), line).toBe("command");
    }
  });
});
