/** `smtp-inspector replay` on conversations made here. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Flag } from "../../workbench/ip.js";
import { replay } from "../../cli/replay.js";
import { runCommand } from "../support/run-command.js";
import { ipv4, pcap, RAW, type Sent } from "./streams.js";

let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "replay-"))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Segments of a session that opens and closes properly. */
function session(...said: [Sent["from"], string][]): number[][] {
  const next = { client: 100, server: 500 };
  const frames = [ipv4({ from: "client", seq: next.client++, flags: Flag.syn })];
  frames.push(ipv4({ from: "server", seq: next.server++, flags: Flag.syn | Flag.ack, ack: next.client }));
  for (const [from, text] of said) {
    const ack = next[from === "client" ? "server" : "client"];
    frames.push(ipv4({ from, seq: next[from], ack, text }));
    next[from] += text.length;
  }
  for (const from of ["client", "server"] as const) {
    const ack = next[from === "client" ? "server" : "client"];
    frames.push(ipv4({ from, seq: next[from], ack, flags: Flag.fin | Flag.ack }));
  }
  return frames;
}

const GREETING: [Sent["from"], string] = ["server", "220 mx.example ESMTP\r\n"];
const HEAD = "192.0.2.10:40000 → 192.0.2.25:25  1970-01-01 00:00:01 UTC";
const closed = "client closed the connection";

/** What the replay of a transcript says of its one conversation, without the lines around it. */
async function conversation(policy: string, lines: string): Promise<string[]> {
  const path = file("one.md", `# One\n\n\`\`\`smtp\n${lines}\n\`\`\`\n`);
  const { out, err } = await runCommand(replay, [path, "--policy", policy]);
  expect(err).toBe("");
  return out.trimEnd().split("\n").slice(2, -2);
}

describe("a capture", () => {
  test("a finding stands under its line in a pipelined group, with what is said instead", async () => {
    const path = file(
      "group.pcap",
      pcap(
        RAW,
        session(
          GREETING,
          ["client", "EHLO a.example\r\n"],
          ["server", "250-mx.example\r\n250 PIPELINING\r\n"],
          ["client", "MAIL FROM:<a@x.org>\r\nXADR\r\nRCPT TO:<b@x.org>\r\n"],
          ["server", "250 2.1.0 a\r\n500 5.5.1 what\r\n250 2.1.5 b\r\n"],
        ),
      ),
    );
    const { out, code } = await runCommand(replay, [path]);
    expect(code).toBe(1);
    expect(out.split("\n").slice(1)).toEqual([
      `== session 0  ${HEAD}`,
      "S: 220 mx.example ESMTP",
      "C: EHLO a.example",
      "S: 250-mx.example",
      "S: 250 PIPELINING",
      "C: MAIL FROM:<a@x.org>",
      "C> XADR",
      "^ private_command/private_verb: prevented (reject), 502 5.5.1 to the client",
      "C: RCPT TO:<b@x.org>",
      "S: 250 2.1.0 a",
      "C< 502 5.5.1 private_command: rejected by policy",
      "# in the recording; would not happen under this policy:",
      "S> 500 5.5.1 what",
      "S: 250 2.1.5 b",
      `== prevented; 1 finding; ${closed}`,
      "",
      "# 1 session; 1 with findings",
      "",
      "",
    ]);
  });

  test("a session after a gap, and one whose start is missing, are shown but not inspected", async () => {
    const frames = session(
      GREETING,
      ["client", "EHLO a\r\n"],
      ["server", "250 mx\r\n"],
      ["client", "XADR\r\n"],
    );
    const lost = await runCommand(replay, [
      file("gap.pcap", pcap(RAW, [...frames.slice(0, 3), ...frames.slice(4)])),
    ]);
    // What was not inspected is not clean.
    expect(lost.code).toBe(1);
    expect(lost.out.split("\n").slice(2, -2)).toEqual([
      "S: 220 mx.example ESMTP",
      "# not inspected: the capture lacks bytes",
      "S: 250 mx",
      "# the capture lacks 8 bytes of the client",
      "C: XADR",
      `== incomplete: the capture lacks bytes; ${closed}`,
      "",
      "# 1 session; 0 with findings; 1 incomplete",
    ]);
    const middle = await runCommand(replay, [file("middle.pcap", pcap(RAW, frames.slice(4)))]);
    expect(middle.out.split("\n").slice(2, -2)).toEqual([
      "# not inspected: the capture begins in the middle of the session",
      "S: 250 mx",
      "C: XADR",
      `== incomplete: the capture begins in the middle of the session; ${closed}`,
      "",
      "# 1 session; 0 with findings; 1 incomplete",
    ]);
  });

  test("a damaged file: what is readable, then where it ends", async () => {
    const whole = pcap(RAW, session(GREETING));
    const path = file("cut.pcap", whole.subarray(0, -5));
    const { out, err, code } = await runCommand(replay, [path]);
    expect(code).toBe(2);
    expect(out).toContain("S: 220 mx.example ESMTP\n== clean; client closed the connection\n");
    expect(err).toBe(
      `smtp-inspector replay: ${path}: packet 5 at byte 270: the file ends after 35 of 40 bytes\n`,
    );
  });
});

describe("a conversation", () => {
  test("what a refused command would have opened is not read as commands", async () => {
    const policy = file("no-data.json", '{"protections":{"command_out_of_sequence":"prevent"}}');
    expect(
      await conversation(
        policy,
        "S: 220 mx\nC: EHLO a\nS: 250 mx\nC: DATA\nS: 354 go\nC: X-Header: 1\nC: .\nS: 250 ok\nC: QUIT\nS: 221 bye",
      ),
    ).toEqual([
      "S: 220 mx",
      "C: EHLO a",
      "S: 250 mx",
      "C> DATA",
      "^ command_out_of_sequence/no_rcpt: prevented (reject), 503 5.5.1 to the client",
      "S< NOOP",
      "S> 250 2.0.0 ok",
      "C< 503 5.5.1 command_out_of_sequence: rejected by policy",
      "# in the recording; would not happen under this policy:",
      "S> 354 go",
      "C> X-Header: 1",
      "C> .",
      "# 16 bytes of data",
      "S> 250 ok",
      "C: QUIT",
      "S: 221 bye",
      "== prevented; 1 finding; left open",
    ]);
  });

  test("credentials are masked, asked for or not, and where a server repeats them", async () => {
    const lines = await conversation(
      "monitor",
      [
        "S: 220 mx\nC: EHLO a\nS: 250-mx\nS: 250 AUTH PLAIN",
        "C: AUTH PLAIN AGEAc2VjcmV0\nS: 535 no: AGEAc2VjcmV0",
        "C: auth AGEAc2VjcmV0\nS: 504 what",
        "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: c2VjcmV0\nS: 334 UGFzc3dvcmQ6\nC: *\nS: 501 aborted",
        "C: c2VjcmV0\nS: 500 unrecognized c2VjcmV0\nC: NOOP\nS: 250 ok",
      ].join("\n"),
    );
    expect(lines.filter((line) => !line.startsWith("^"))).toEqual([
      "S: 220 mx",
      "C: EHLO a",
      "S: 250-mx",
      "S: 250 AUTH PLAIN",
      "C: AUTH PLAIN ***",
      "S: 535 ***",
      "C: auth ***",
      "S: 504 what",
      "C: AUTH LOGIN",
      "S: 334 VXNlcm5hbWU6",
      "C: ***",
      "S: 334 UGFzc3dvcmQ6",
      "C: *",
      "S: 501 aborted",
      "C: ***",
      "S: 500 ***",
      "C: NOOP",
      "S: 250 ok",
      "== detected; 3 findings; left open",
    ]);
  });

  test("nothing from the wire reaches a terminal as it is", async () => {
    const lines = await conversation("monitor", "S: 220 \\x1b[2J\\x9b é\\\\\nC: NOOP \\0\\x07");
    expect(lines.slice(0, 2)).toEqual(["S: 220 \\x1b[2J\\x9b \\xc3\\xa9\\\\", "C: NOOP \\0\\x07"]);
  });
});

describe("arguments", () => {
  test("what is wrong is named with what to do", async () => {
    const error = (...args: string[]): Promise<string> =>
      runCommand(replay, args).then(
        () => "",
        (thrown: unknown) => (thrown as Error).message,
      );
    expect(await error()).toBe("FILE is missing: name a capture, a transcript or a folder");
    expect(await error("x.pcap", "--port", "0")).toBe('--port needs a number from 1 to 65535, not "0"');
    expect(await error("x.pcap", "--prot", "25")).toBe(
      "unknown option --prot; did you mean --port?; see smtp-inspector replay --help",
    );
    expect(await error(join(folder, "none.pcap"))).toBe(`${folder}/none.pcap: no such file; check the path`);
    expect(await error("x.pcap", "--policy", "strickt")).toBe(
      "--policy strickt: neither a file nor a profile; give a JSON file or one of monitor, recommended, strict, submission",
    );
    const policy = file("bad.json", '{"profil":"strict"}');
    expect(await error("x.pcap", "--policy", policy)).toContain('did you mean "profile"');
  });
});
