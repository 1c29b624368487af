/** Every real capture replays; tshark sees the same streams; five conversations read as a person agreed they should. */
import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { replay } from "../../cli/replay.js";
import { chunksOf } from "../../workbench/files.js";
import { captures, pathOf } from "../support/captures.js";
import { replayedSessions } from "../support/replayed.js";
import { runCommand } from "../support/run-command.js";
import { streamsOf } from "./streams.js";
import { leftOut } from "../support/left-out.js";

const run = promisify(execFile);

/** The proxy's port in the one capture whose SMTP begins inside something else. */
const PORTS: Record<string, string> = { "zeek__http__connect-with-smtp.pcap": "8240" };

function hasTshark(): boolean {
  try {
    execFileSync("tshark", ["--version"], { stdio: "ignore" });
    return true;
  } catch (error) {
    if (process.env["CI"] === "true") throw new Error("CI needs tshark", { cause: error });
    leftOut("streams as tshark has them", "tshark is not in the PATH", "apt-get install tshark");
    return false;
  }
}

describe.each(captures())("$file: $what", ({ file }) => {
  test("it replays under every profile, and its JSON has the same findings", async () => {
    const port = PORTS[file] === undefined ? [] : ["--port", PORTS[file]];
    for (const profile of ["monitor", "recommended", "strict", "submission"]) {
      const text = await runCommand(replay, [pathOf(file), "--policy", profile, ...port]);
      const json = await runCommand(replay, [pathOf(file), "--policy", profile, "--json", ...port]);
      expect(text.err + json.err).toBe("");
      expect(text.code).toBe(json.code);
      const sessions = replayedSessions(json.out);
      const isJudged = sessions.every(({ record }) => record.replay.incomplete === null);
      const found = sessions.flatMap(({ alerts }) => alerts);
      expect(text.code).toBe(found.length === 0 && isJudged ? 0 : 1);
      expect(text.out.match(/^\^ [^:]*/gm) ?? []).toHaveLength(found.length);
      expect(sessions.length).toBeGreaterThan(0);
      for (const { alerts, record } of sessions) expect(record.findings).toBe(alerts.length);
      // Nothing from the wire reaches a terminal as it is.
      expect(text.out + json.out).toMatch(/^[\n\x20-\x7e…→]*$/);
      if (profile === "monitor") expect(text.out).not.toMatch(/^[CS][<>]/m);
    }
  });

  // No tshark, nothing to compare with; in CI it is there.
  test.skipIf(!hasTshark())("the streams equal tshark's", { timeout: 120_000 }, async () => {
    const found = await streamsOf(chunksOf(pathOf(file)));
    const { stdout } = await run("tshark", ["-r", pathOf(file), "-T", "fields", "-e", "tcp.stream"]);
    expect(found).toHaveLength(new Set(stdout.split("\n").filter((line) => line !== "")).size);
    for (const { flow, sent } of found) {
      const shown = await follow(file, flow.id);
      const isFirst = shown.node0 === flow.ends[0];
      expect(hex(sent[0])).toBe(isFirst ? shown.sent0 : shown.sent1);
      expect(hex(sent[1])).toBe(isFirst ? shown.sent1 : shown.sent0);
    }
  });
});

const EXPECTED = [
  "suricata__bug-3616-smtp__input.recommended",
  "suricata__smtp-bdat-bad-tail-next-mail__input.recommended",
  "suricata__smtp-rset__input.strict",
  "suricata__smtp-startssl__input.strict",
  "zeek__smtp-mail-transactions-invalid.recommended",
];

// The captures lie beside the repository; `captures` itself fails in CI where they are missing.
describe.runIf(captures().length > 0)("text that a person has read", () => {
  test.each(EXPECTED)("%s", async (name) => {
    const [stem, policy] = name.split(/\.(?=[a-z]+$)/) as [string, string];
    const path = pathOf(`${stem}.pcap`);
    const { out } = await runCommand(replay, [path, "--policy", policy]);
    const expected = readFileSync(new URL(`./expected/${name}.txt`, import.meta.url), "utf8");
    expect(out.replace(path, `${stem}.pcap`)).toBe(expected);
  });

  test("the credentials of a session are nowhere in its report", async () => {
    const path = pathOf("suricata__bug-3616-smtp__input.pcap");
    const text = await runCommand(replay, [path]);
    const json = await runCommand(replay, [path, "--json"]);
    // What the client answered to "Username:" and "Password:".
    for (const secret of ["Z3VycGFydGFwQHBhdHJpb3RzLmlu", "cHVuamFiQDEyMw=="]) {
      expect(readFileSync(path).includes(secret)).toBe(true);
      expect(text.out + json.out).not.toContain(secret);
    }
  });
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** What tshark says that the two ends of one stream sent, in hexadecimal. */
async function follow(file: string, stream: number) {
  const { stdout } = await run("tshark", ["-r", pathOf(file), "-q", "-z", `follow,tcp,raw,${stream}`], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const lines = stdout.split("\n");
  const node0 = lines.find((line) => line.startsWith("Node 0: "))?.slice("Node 0: ".length);
  const payload = lines.filter((line) => /^\t?[0-9a-f]+$/.test(line));
  const sent = (indented: boolean): string =>
    payload
      .filter((line) => line.startsWith("\t") === indented)
      .join("")
      .replaceAll("\t", "");
  return { node0, sent0: sent(false), sent1: sent(true) };
}
