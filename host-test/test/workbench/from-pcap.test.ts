/** `smtp-inspector from-pcap`. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromPcap } from "../../cli/from-pcap.js";
import { Flag } from "../../workbench/ip.js";
import { captures, pathOf } from "../support/captures.js";
import { runCommand } from "../support/run-command.js";
import { parseVectorFile } from "../support/vector-file.js";
import { ipv4, pcap, RAW } from "./streams.js";

let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "from-pcap-"))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const error = (...args: string[]): Promise<string> =>
  runCommand(fromPcap, args).then(
    () => "",
    (thrown: unknown) => (thrown as Error).message,
  );

const GREETING = ipv4({ from: "server", seq: 500, text: "220 mx.corp.invalid\r\n" });
const XADR = ipv4({ from: "client", seq: 100, ack: 521, text: "XADR anna\r\n" });
const REPLY = ipv4({ from: "server", seq: 521, ack: 111, text: "500 what\r\n" });
const VECTOR = [
  "# private_command",
  "",
  "A recorded session, with other names and content of the same shape.",
  "",
  "## Recorded: private_verb, detect",
  "",
  "```policy",
  '{"profile":"monitor"}',
  "```",
  "",
  "```smtp",
  "S: 220 dddddd1.example",
  "C: XADR xxxx",
  "S: 500 xxxx",
  "```",
  "",
  "```findings",
  "private_command private_verb detect detect verb=XADR",
  "```",
  "",
];

describe("a vector", () => {
  test("of the one session in a capture", async () => {
    const path = file("one.pcap", pcap(RAW, [GREETING, XADR, REPLY]));
    const { out, err, code } = await runCommand(fromPcap, [path, "--policy", "monitor"]);
    expect(out.split("\n")).toEqual(VECTOR);
    expect([err, code]).toEqual(["", 0]);
  });

  test("of the session that is named, among others", async () => {
    const said = "S: 220 mx.corp.invalid\nC: XADR anna\nS: 500 what";
    const other = "S: 220 mx\nC: QUIT\nS: 221 bye";
    const path = file(
      "three.md",
      [other, said, other].map((lines) => `\`\`\`smtp\n${lines}\n\`\`\`\n`).join(""),
    );
    const { out, code } = await runCommand(fromPcap, [path, "--session", "1", "--policy", "monitor"]);
    expect([out.split("\n"), code]).toEqual([VECTOR, 0]);
  });

  test("of the beginning, where the capture lacks bytes; a note says so", async () => {
    const late = ipv4({ from: "server", seq: 700, ack: 111, text: "250 ok\r\n" });
    const path = file("gap.pcap", pcap(RAW, [GREETING, XADR, REPLY, late]));
    const { out, err, code } = await runCommand(fromPcap, [path, "--policy", "monitor"]);
    expect(out.split("\n")).toEqual(VECTOR);
    expect(err).toBe(
      "smtp-inspector from-pcap: it has only the beginning of the session: the capture lacks bytes\n",
    );
    expect(code).toBe(0);
  });

  test("of what is readable of a damaged file; its error and exit code say so", async () => {
    const whole = pcap(RAW, [GREETING, XADR, REPLY, REPLY]);
    const path = file("cut.pcap", whole.subarray(0, -5));
    const { out, err, code } = await runCommand(fromPcap, [path, "--policy", "monitor"]);
    expect(out.split("\n")).toEqual(VECTOR);
    expect(err).toBe(
      `smtp-inspector from-pcap: ${path}: packet 4 at byte 234: the file ends after 45 of 50 bytes\n`,
    );
    expect(code).toBe(2);
  });

  test("of at most a mebibyte", async () => {
    const frames = [GREETING, ipv4({ from: "client", seq: 100, ack: 521, text: "DATA\r\n" })];
    frames.push(ipv4({ from: "server", seq: 521, ack: 106, text: "354 go\r\n" }));
    const line = `${"word ".repeat(5998)}\r\n`;
    for (let nth = 0; nth < 40; nth++) {
      frames.push(ipv4({ from: "client", seq: 106 + nth * line.length, ack: 529, text: line }));
    }
    const path = file("long.pcap", pcap(RAW, frames));
    const { out, err } = await runCommand(fromPcap, [path]);
    expect(err).toBe(
      "smtp-inspector from-pcap: it has only the beginning of the session: it is longer than 1048576 bytes or 20000 lines, the most for a test case\n",
    );
    const [vector] = parseVectorFile(out, "command_out_of_sequence.md").cases;
    // It reaches as far as its last finding, a header that never ends.
    expect(vector?.lines).toHaveLength(37);
  });
});

// The captures lie beside the repository; `captures` itself fails in CI where they are missing.
test.runIf(captures().length > 0)("nobody's credentials, names or words are in it", async () => {
  const { out } = await runCommand(fromPcap, [pathOf("suricata__bug-3616-smtp__input.pcap")]);
  expect(out).toContain("C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\n");
  expect(out).not.toMatch(/gurpartap|Z3VycGFydGFw|cHVuamFi|patriots|xc90|74\.53|10\.10|subject|boundary/i);
});

describe("arguments", () => {
  test("several sessions are listed, ten at most", async () => {
    const three = file(
      "list.md",
      ["# One\n", "# Two\x1b[2J\n", ""].map((title) => `${title}\`\`\`smtp\nS: 220 mx\n\`\`\`\n`).join(""),
    );
    expect(await error(three)).toBe(
      `${three}: 3 sessions; choose one with --session: 0 (One), 1 (Two\\x1b[2J), 2 (Two\\x1b[2J)`,
    );
    expect(await error(three, "--session", "3")).toBe(
      `${three}: no session 3; there are: 0 (One), 1 (Two\\x1b[2J), 2 (Two\\x1b[2J)`,
    );
    const many = file("many.md", "```smtp\nS: 220 mx\n```\n".repeat(12));
    expect(await error(many)).toMatch(
      /, 9 \(192\.0\.2\.10:40000 → 192\.0\.2\.25:25\), and 2 more \(replay lists them all\)$/,
    );
  });

  test("what is wrong is named with what to do", async () => {
    const none = file("none.pcap", pcap(RAW, [ipv4({ from: "client", seq: 1, flags: Flag.syn })]));
    expect(await error()).toBe("FILE is missing: name a capture or a transcript");
    expect(await error(none)).toBe(
      `${none}: no SMTP session found; if the server is on another port, give it with --port`,
    );
    expect(await error(none, "--session", "x")).toBe('--session needs a session\'s number, not "x"');
    expect(await error(folder)).toBe(`${folder} is a folder; name one file in it`);
    expect(await error(none, none)).toContain("see smtp-inspector from-pcap --help");
    expect(await error(none, "--policy", "strickt")).toBe(
      "--policy strickt: neither a file nor a profile; give a JSON file or one of monitor, recommended, strict, submission",
    );
    const middle = file("middle.pcap", pcap(RAW, [XADR]));
    expect(await error(middle)).toBe(
      "no test case can be made of the session: the capture begins in the middle of the session",
    );
  });
});
