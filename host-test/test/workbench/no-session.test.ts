/** Files in which there is nothing to judge. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { diff } from "../../cli/diff.js";
import { rates } from "../../cli/rates.js";
import { replay } from "../../cli/replay.js";
import { Flag } from "../../workbench/ip.js";
import { runCommand } from "../support/run-command.js";
import { ipv4, pcap, RAW } from "./streams.js";

let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "no-session-"))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

/** A server on port 25 greets. */
const GREETED = [
  ipv4({ from: "client", seq: 100, flags: Flag.syn }),
  ipv4({ from: "server", seq: 500, flags: Flag.syn | Flag.ack, ack: 101 }),
  ipv4({ from: "server", seq: 501, ack: 101, text: "220 mx.example ESMTP\r\n" }),
];

test("where no session is, nothing is clean: a note and exit code 1; of several files one is enough", async () => {
  const ok = file("ok.pcap", pcap(RAW, GREETED));
  const empty = file("empty.pcap", pcap(RAW, []));
  const elsewhere = await runCommand(replay, [ok, "--port", "26"]);
  expect([elsewhere.code, elsewhere.err]).toEqual([
    1,
    `smtp-inspector replay: no SMTP session in ${ok}; if the server is on another port, give it with --port\n`,
  ]);
  expect(elsewhere.out).toContain("# 0 sessions; 0 with findings; 1 other connection\n");
  const none = await runCommand(replay, [empty, ok, "--port", "26", "--json"]);
  expect([none.code, none.err]).toEqual([
    1,
    `smtp-inspector replay: no SMTP session in ${empty}, ${ok}; if the server is on another port, give it with --port\n`,
  ]);
  expect(await runCommand(replay, [empty, ok])).toMatchObject({ code: 0, err: "" });
});

test("nor where policies are compared or false alarms counted", async () => {
  const empty = file("nothing.pcap", pcap(RAW, []));
  const note = `no SMTP session in ${empty}; if the server is on another port, give it with --port\n`;
  expect(await runCommand(diff, ["--policy", "monitor", "--policy", "strict", empty])).toEqual({
    code: 1,
    out: "# none of 0 sessions changes\n",
    err: `smtp-inspector diff: ${note}`,
  });
  expect(await runCommand(rates, [empty])).toEqual({
    code: 1,
    out: "# 1 file; 0 sessions; 0 clean\n",
    err: `smtp-inspector rates: ${note}`,
  });
});
