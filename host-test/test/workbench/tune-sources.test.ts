/** `smtp-inspector tune` on recordings: who causes what. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { replay } from "../../cli/replay.js";
import { tune } from "../../cli/tune.js";
import { runCommand } from "../support/run-command.js";
import { capture, policyIn, QUIT, talk, XADR } from "./tune-traffic.js";

let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "tune-sources-"))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe("sources", () => {
  test("one client of several that causes it all is exempt, by its address", async () => {
    const { out, code } = await runCommand(tune, [
      file("one.pcap", capture([1, XADR], [2, QUIT], [3, QUIT])),
      "--json",
    ]);
    expect(policyIn(out)).toEqual({
      profile: "strict",
      protections: { private_command: { exempt_sources: ["10.0.0.1"] } },
    });
    expect(code).toBe(0);
  });

  test("two are exempt as well, three are usual", async () => {
    const two = await runCommand(tune, [
      file("two.pcap", capture([1, XADR], [2, XADR], [3, QUIT])),
      "--json",
    ]);
    expect(policyIn(two.out)["protections"]).toEqual({
      private_command: { exempt_sources: ["10.0.0.1", "10.0.0.2"] },
    });
    const three = await runCommand(tune, [
      file("three.pcap", capture([1, XADR], [2, XADR], [3, XADR], [4, QUIT])),
      "--json",
    ]);
    expect(policyIn(three.out)["protections"]).toEqual({
      private_command: { reasons: { private_verb: "detect" } },
    });
  });

  test("all clients there are, are no exception", async () => {
    const { out } = await runCommand(tune, [file("all.pcap", capture([1, XADR], [2, XADR])), "--json"]);
    expect(policyIn(out)["protections"]).toEqual({
      private_command: { reasons: { private_verb: "detect" } },
    });
  });

  test("one reason from one client, another from many: each has its own", async () => {
    const tab = "MAIL\tFROM:<a@x.org>\r\n";
    const blank = "MAIL FROM: <a@x.org>\r\n";
    const path = file("both.pcap", capture([1, tab], [1, blank], [2, blank], [3, blank], [4, QUIT]));
    const { out } = await runCommand(tune, [path]);
    expect(out).toContain(
      '    "lax_command_syntax": { "exempt_sources": ["10.0.0.1"], "reasons": { "colon_blank": "detect" } }\n',
    );
    expect(out).toContain("    // tab: 1 finding in 1 of 5 sessions (20.00 %) from 1 source: 10.0.0.1\n");
    expect(out).toContain("    // colon_blank: 3 findings in 3 of 5 sessions (60.00 %) from 3 sources\n");
  });

  test("what the server says is no client's doing", async () => {
    const odd = { greeting: "220 mx\r\n", reply: "250-a\r\n251 b\r\n" };
    const path = file("server.pcap", Buffer.concat([capture([1, QUIT], [2, QUIT]), talk(3, QUIT, odd)]));
    const { out } = await runCommand(tune, [path, "--json"]);
    expect(policyIn(out)["protections"]).toEqual({
      reply_code_mismatch: { reasons: { text: "detect" } },
    });
  });
});

describe("a session that no policy can read to its end", () => {
  const endless = `S: 220 mx\nC: EHLO a\nS: 250 CHUNKING\nC: BDAT {1*17000}`;

  test("prevents everything else too, and so nothing can be prevented", async () => {
    const path = file("endless.md", `\`\`\`smtp\n${endless}\n\`\`\`\n`);
    const policy = join(folder, "none.json");
    const { out } = await runCommand(tune, [path, "--output", policy]);
    expect(out).toContain("{\n  // Nothing can be prevented: see below.\n");
    expect(out).toContain("// Still prevented: 0 of ");
    expect(out).toContain(
      "// Nothing is prevented, for 1 session with command_line_too_long/endless: such a session",
    );
    const tuned = await runCommand(replay, [path, "--policy", policy]);
    expect(tuned.out).not.toContain("prevented (");
  });

  test("of one client of several: that client is exempt from the whole policy", async () => {
    const line = `BDAT ${"1".repeat(17_000)}\r\n`;
    const path = file("endless.pcap", capture([1, line], [2, QUIT], [3, QUIT]));
    const { out } = await runCommand(tune, [path]);
    expect(out).toMatch(
      /\n {2}\/\/ such a session cannot be read .*, only from 10\.0\.0\.1\n {2}"exempt_sources": \["10\.0\.0\.1"\]\n/,
    );
    expect(out).toMatch(/Still prevented: [1-9]/);
  });
});
