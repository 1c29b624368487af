/** How the payload of BDAT is read after the header: hardly, and with the same findings at the same octets however it is cut. */
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { Plugin } from "../../host/plugin.js";
import { parameters, TIMEOUT_MS } from "../support/arbitrary.js";
import { wasmModule } from "../support/vector-node.js";

let copied = 0;
const { Instance } = WebAssembly;

/** Counts the octets that the module asks for; the shipped bytes and the host stay as they are. */
class CountedInstance extends Instance {
  constructor(module: WebAssembly.Module, imports: WebAssembly.Imports = {}) {
    const env = imports["env"] ?? {};
    const read = env["proxy_get_buffer_bytes"] as (...args: number[]) => number;
    const counted = (...args: number[]): number => {
      copied += args[2] ?? 0;
      return read(...args);
    };
    super(module, { ...imports, env: { ...env, proxy_get_buffer_bytes: counted } });
  }
}

WebAssembly.Instance = CountedInstance as typeof Instance;
afterAll(() => {
  WebAssembly.Instance = Instance;
});

const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));
const HEADER = "Subject: a\r\nFrom: <b@x.org>\r\n\r\n";
const OPENING = [
  ["server", "220 mx.example ESMTP\r\n"],
  ["client", "EHLO a.example\r\n"],
  ["server", "250-mx.example\r\n250 CHUNKING\r\n"],
  ["client", "MAIL FROM:<a@x.org>\r\n"],
  ["server", "250 2.1.0 ok\r\n"],
  ["client", "RCPT TO:<b@x.org>\r\n"],
  ["server", "250 2.1.5 ok\r\n"],
] as const;

interface Result {
  readonly toServer: string;
  readonly findings: unknown;
  readonly copied: number;
}

/** One chunk with `payload`, which comes in pieces of `cut` octets; how the module read it and what became of it. */
function chunk(policy: object, payload: string, cut: number, more = ""): Result {
  const plugin = Plugin.load(wasmModule(), { configuration: JSON.stringify(policy) });
  const connection = plugin.connect();
  for (const [side, said] of OPENING) {
    if (side === "client") connection.fromClient(latin1(said));
    else connection.fromServer(latin1(said));
  }
  connection.fromClient(latin1(`BDAT ${payload.length} LAST\r\n`));
  const before = connection.toServer.length;
  copied = 0;
  const all = payload + more;
  for (let at = 0; at < all.length; at += cut) connection.fromClient(latin1(all.slice(at, at + cut)));
  const result = {
    toServer: Buffer.from(connection.toServer.slice(before)).toString("latin1"),
    copied,
    findings: plugin.logs.flatMap(({ message }) => /"reason":"\w+"/.exec(message) ?? []),
  };
  plugin.shutdown();
  return result;
}

const LINE = `${"x".repeat(70)}\r\n`;

test("under recommended a large chunk of lines passes with a tenth of its octets read", () => {
  const payload = HEADER + LINE.repeat(14_000);
  const { toServer, copied: read, findings } = chunk({ profile: "recommended" }, payload, 1_048_576);
  expect(toServer).toBe(payload);
  expect(findings).toEqual([]);
  // The first window has the header in it and is read whole.
  expect(read).toBeLessThan(payload.length / 10);
});

test("a chunk without a line end is read whole at most", () => {
  const payload = HEADER + "x".repeat(700_000);
  const policy = {
    profile: "recommended",
    protections: { data_line_too_long: { mode: "detect", endless_bytes: 8_388_606 } },
  };
  const { toServer, copied: read } = chunk(policy, payload, 1_048_576);
  expect(toServer).toBe(payload);
  expect(read).toBeLessThanOrEqual(payload.length);
});

const DETECT = { mode: "detect", line_bytes: 1000, endless_bytes: 9000, reasons: { line: "detect" } };
const PREVENT = { mode: "prevent", endless_bytes: 9000, reasons: { line: "off", endless: "prevent" } };
const policyOf = (rule: object): object => ({
  profile: "recommended",
  protections: { data_line_too_long: rule },
});

/** Lines of lengths that matter, among them some round about the two limits and the windows. */
const body = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 90 }),
      fc.integer({ min: 996, max: 1002 }),
      fc.integer({ min: 8996, max: 9002 }),
      fc.integer({ min: 20, max: 70_000 }),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((lengths) => lengths.map((length) => `${"y".repeat(length)}\n`).join(""));

/** By looking at each octet: the reasons in their order, and how many octets come before the one that is too many. */
function model(payload: string): { reasons: string[]; endless: number } {
  const reasons: string[] = [];
  let line = 0;
  let endless = -1;
  for (let at = 0; at < payload.length; at++) {
    line++;
    if (line === 1001 && !reasons.includes('"reason":"line"')) reasons.push('"reason":"line"');
    if (line === 9001 && endless < 0) {
      endless = at;
      reasons.push('"reason":"endless"');
    }
    if (payload[at] === "\n") line = 0;
  }
  return { reasons, endless };
}

test(
  "the same is found at the same octet, in one piece of many windows and in small ones",
  () => {
    const check = (text: string, cut: number): void => {
      const payload = HEADER + text;
      const { reasons, endless } = model(payload);
      for (const size of [1_048_576, 65_536, cut]) {
        const watched = chunk(policyOf(DETECT), payload, size, "NOOP\r\n");
        expect(watched.findings).toEqual(reasons);
        expect(watched.toServer).toBe(`${payload}NOOP\r\n`);
        const stopped = chunk(policyOf(PREVENT), payload, size);
        expect(stopped.toServer).toBe(endless < 0 ? payload : payload.slice(0, endless));
      }
    };
    fc.assert(fc.property(body, fc.integer({ min: 300, max: 60_000 }), check), parameters(60, 600));
  },
  TIMEOUT_MS,
);
