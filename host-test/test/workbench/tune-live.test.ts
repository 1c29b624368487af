/** What the filter itself logs, in the shadow too, is what `tune` reads: its result is that of the recording. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { projectRoot } from "../../cli/front.js";
import { tune } from "../../cli/tune.js";
import { Plugin } from "../../host/plugin.js";
import { parseTranscript, spokenIn } from "../../workbench/transcript.js";
import { runCommand } from "../support/run-command.js";
import { policyIn, transcript } from "./tune-traffic.js";

const GOOD = transcript(
  "C: MAIL FROM: <a@x.org>\nS: 250 ok\nC: RSET\nS: 250 ok",
  "C: XADR\nS: 500 what\nC: MAIL FROM:a@x.org\nS: 250 ok",
);
const RELAXED = {
  private_command: { reasons: { private_verb: "detect" } },
  lax_command_syntax: { reasons: { colon_blank: "detect", no_brackets: "detect" } },
};

/** What the filter logs of it under a policy, in Envoy's lines. */
function logged(policy: object): string {
  const wasm = readFileSync(join(projectRoot(), "build/smtp-inspector.wasm"));
  const plugin = Plugin.load(wasm, { configuration: JSON.stringify(policy) });
  plugin.logs.length = 0;
  for (const { lines } of parseTranscript(GOOD, "good")) {
    const connection = plugin.connect({ sourceAddress: "192.0.2.10:40000" });
    for (const { from, bytes } of spokenIn(lines)) {
      if (from === "client") connection.fromClient(bytes);
      else connection.fromServer(bytes);
    }
    connection.clientReset();
  }
  const prefix = (level: string): string =>
    `[2026-11-28 03:00:00.123][12][${level}][wasm] [context.cc:1] wasm log a b c: `;
  return `${plugin.logs.map(({ level, message }) => prefix(level) + message).join("\n")}\n`;
}

test.each([
  ["of a shadow", { profile: "monitor", shadow: { profile: "strict" } }, []],
  [
    "of strict in detect",
    {
      profile: "monitor",
      protections: { lax_command_syntax: { reasons: { colon_blank: "detect", no_brackets: "detect" } } },
    },
    ["--logged-under", "strict"],
  ],
])("a log %s gives what the recording gives", async (_, policy, args) => {
  const folder = mkdtempSync(join(tmpdir(), "tune-live-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "good.md"), GOOD);
  writeFileSync(join(folder, "envoy.log"), logged(policy));
  const recording = await runCommand(tune, [join(folder, "good.md"), "--json"]);
  expect(policyIn(recording.out)["protections"]).toEqual(RELAXED);
  const log = await runCommand(tune, [join(folder, "envoy.log"), "--json", ...args]);
  expect(policyIn(log.out)["protections"]).toEqual(RELAXED);
  expect(log.code).toBe(0);
});
