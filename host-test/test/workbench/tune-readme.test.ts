/** The commands of README's way from watching to preventing run as they are written there. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { diff } from "../../cli/diff.js";
import { projectRoot } from "../../cli/front.js";
import { tune } from "../../cli/tune.js";
import { runCommand } from "../support/run-command.js";
import { capture, QUIT, XADR } from "./tune-traffic.js";

const section =
  readFileSync(join(projectRoot(), "README.md"), "utf8")
    .split("## From watching to preventing\n")[1]
    ?.split("\n## ")[0] ?? "";
const EVENT = {
  event_type: "alert",
  src_ip: "192.0.2.1",
  protection: "private_command",
  reason: "private_verb",
};

test("from a log, and from captures, to a policy whose changes can be seen", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tune-readme-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "captures"));
  writeFileSync(join(folder, "captures", "a.pcap"), capture([1, XADR], [2, QUIT]));
  const shadow = JSON.stringify({ ...EVENT, shadow: true, mode: "prevent", action: "reject" });
  writeFileSync(join(folder, "envoy.log"), `${shadow}\n`);
  const commands = [...section.matchAll(/\b(tune|diff) ([^`]*?)(?:`|\n)/g)].filter(([, , args]) =>
    /[./]/.test(args ?? ""),
  );
  expect(commands.map(([, name]) => name)).toEqual(["tune", "tune", "tune", "diff"]);
  for (const [, name, words = ""] of commands) {
    const args = words
      .trim()
      .split(/\s+/)
      .map((word) => (/\.(?:log|json)$|\/$/.test(word) ? join(folder, word) : word));
    const { err, code } = await runCommand(name === "tune" ? tune : diff, args);
    // The session of the one client passes under policy.json, and not under recommended.
    expect([words, err, code]).toEqual([words, "", name === "tune" ? 0 : 1]);
  }
  expect(JSON.parse(readFileSync(join(folder, "policy.json"), "utf8"))).toEqual({
    profile: "strict",
    protections: { private_command: { reasons: { private_verb: "detect" } } },
  });
});
