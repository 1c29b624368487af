/** The page in Chromium: what is saved is what the command line writes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { fromPcap } from "../../cli/from-pcap.js";
import { replay } from "../../cli/replay.js";
import { browserPath } from "../support/browser.js";
import { captures, pathOf } from "../support/captures.js";
import { drop, PageLab, saved, settled } from "../support/page.js";
import { runCommand } from "../support/run-command.js";
import { parseVectorFile } from "../support/vector-file.js";
import { ipv4, pcap, RAW } from "../workbench/streams.js";
import { DAMAGED, HELLO, sessions } from "./inputs.js";

describe.skipIf(browserPath() === null)("what is saved", () => {
  let lab: PageLab;
  beforeAll(async () => {
    lab = await PageLab.start();
  });
  afterAll(() => lab.stop());

  test("what is saved as JSON is what replay --json prints, under either policy", async () => {
    const folder = mkdtempSync(join(tmpdir(), "smtp-inspector-page-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const here = { hello: join(folder, "hello.md"), cut: join(folder, "cut.pcap") };
    writeFileSync(here.hello, HELLO);
    writeFileSync(here.cut, DAMAGED);
    const page = await lab.open();
    await page.getByRole("button", { name: "Compare with a second policy" }).click();
    await page.getByLabel("Open captures or transcripts").setInputFiles([here.hello, here.cut]);
    await settled(
      page,
      "3 sessions, 2 with findings, 0 changed by the second policy; 1 file not read completely",
    );
    for (const [under, profile] of [
      ["the policy", "recommended"],
      ["the second policy", "strict"],
    ] as const) {
      await page.getByRole("combobox", { name: "Under" }).selectOption(under);
      const { name, text } = await saved(page, () => page.getByRole("button", { name: "Save JSON" }).click());
      const { out } = await runCommand(replay, [here.hello, here.cut, "--policy", profile, "--json"]);
      expect(name).toBe("smtp-sessions.jsonl");
      expect(text).toBe(out.replaceAll(`${folder}/`, ""));
    }
    await settled(page, /^smtp-sessions\.jsonl is saved$/);
  });

  test("what is saved as HTML is what replay --html writes", async () => {
    const folder = mkdtempSync(join(tmpdir(), "smtp-inspector-page-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "hello.md"), HELLO);
    const page = await lab.open();
    await page.getByLabel("Open captures or transcripts").setInputFiles([join(folder, "hello.md")]);
    await settled(page, "2 sessions, 1 with findings");
    const { name, text } = await saved(page, () => page.getByRole("button", { name: "Save HTML" }).click());
    const { out } = await runCommand(replay, [join(folder, "hello.md"), "--html"]);
    expect(name).toBe("smtp-sessions.html");
    const named = (html: string): string =>
      html.replaceAll(`${folder}/`, "").replaceAll('{ "profile": "recommended" }', "recommended");
    expect(named(text.replaceAll("&quot;", '"'))).toBe(named(out));
  });

  test("what is saved as a vector is what from-pcap writes, and a vector", async () => {
    const folder = mkdtempSync(join(tmpdir(), "smtp-inspector-page-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const here = { hello: join(folder, "hello.md"), cut: join(folder, "cut.pcap") };
    writeFileSync(here.hello, HELLO);
    writeFileSync(here.cut, DAMAGED);
    const page = await lab.open();
    await page.getByLabel("Open captures or transcripts").setInputFiles([here.hello, here.cut]);
    await settled(page, "3 sessions, 2 with findings");
    for (const [row, title, path, session] of [
      [0, "Session 0: One", here.hello, "0"],
      [1, "Session 1: Two", here.hello, "1"],
      [2, "Session 0", here.cut, "0"],
    ] as const) {
      await sessions(page).nth(row).click();
      await page.getByRole("heading", { name: title, exact: true }).waitFor();
      const save = page.getByRole("button", { name: "Save anonymised test case" });
      const { name, text } = await saved(page, () => save.click());
      const { out } = await runCommand(fromPcap, [path, "--session", session]);
      expect(text).toBe(out);
      expect(name).toBe(row === 1 ? "session.md" : "private_command.md");
      expect(parseVectorFile(text, name).cases.length).toBe(1);
    }
  });

  test("a session that no vector can be made of: the page says why", async () => {
    const page = await lab.open();
    const middle = pcap(RAW, [ipv4({ from: "client", seq: 100, ack: 500, text: "NOOP\r\n" })]);
    await drop(page, [{ name: "middle.pcap", bytes: middle }]);
    await settled(page, "1 session, 0 with findings");
    await page.getByRole("button", { name: "Save anonymised test case" }).click();
    await settled(
      page,
      "no test case can be made of the session: the capture begins in the middle of the session",
    );
  });

  const real = captures().slice(0, 5);
  test.skipIf(real.length === 0)("real captures: the same lines as replay's text", async () => {
    const page = await lab.open();
    const files = real.map(({ file }) => ({ name: file, bytes: new Uint8Array(readFileSync(pathOf(file))) }));
    await drop(page, files);
    await settled(page, /^\d+ sessions, \d+ with findings$/);
    const { text } = await saved(page, () => page.getByRole("button", { name: "Save JSON" }).click());
    const { out } = await runCommand(replay, [...real.map(({ file }) => pathOf(file)), "--json"]);
    expect(text).toBe(out.replaceAll(pathOf(""), ""));
  });
});
