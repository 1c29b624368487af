/** The page in Chromium: dialogues that are typed, captures and transcripts that are dropped. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserPath } from "../support/browser.js";
import { drop, PageLab, settled } from "../support/page.js";
import { bytes, DAMAGED, HELLO, lines, sessions } from "./inputs.js";

describe.skipIf(browserPath() === null)("the input", () => {
  let lab: PageLab;
  beforeAll(async () => {
    lab = await PageLab.start();
  });
  afterAll(() => lab.stop());

  test("begins with a dialogue and its result", async () => {
    const page = await lab.open();
    expect(await page.getByText("exchange_command/exchange_verb").count()).toBe(1);
    expect((await lines(page)).slice(0, 5)).toEqual([
      "S: 220 mx.example ESMTP",
      "C: EHLO client.example",
      "S: 250-mx.example",
      "S: 250 PIPELINING",
      "C> XEXCH50 1024 2",
    ]);
  });

  test("a dialogue is played as it is typed; what is not in the format is named with its line", async () => {
    const page = await lab.open();
    const dialogue = page.getByLabel("Both sides of a dialogue, line by line");
    await dialogue.fill("S: 220 mx.example ESMTP\nC: EHLO client.example\nS 250 mx.example\n");
    const problem = page.locator("#dialogue-problems li");
    await problem.waitFor();
    expect(await problem.innerText()).toBe(
      'Line 3, column 1\ngo there\nerror: "S 250 mx.example" has no mark such as "C: "',
    );
    await settled(page, "Line 3 of the dialogue is not valid. Showing the last valid result");
    expect((await lines(page))[4]).toBe("C> XEXCH50 1024 2");
    await problem.getByRole("button").click();
    expect(await dialogue.evaluate((editor: HTMLTextAreaElement) => editor.selectionStart)).toBe(47);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.type(":");
    await settled(page, "1 session, 0 with findings");
    expect(await problem.count()).toBe(0);
    expect(await lines(page)).toEqual([
      "S: 220 mx.example ESMTP",
      "C: EHLO client.example",
      "S: 250 mx.example",
    ]);
  });

  test("files that are dropped: a transcript, a damaged capture, something else", async () => {
    const page = await lab.open();
    await drop(page, [
      { name: "hello.md", bytes: bytes(HELLO) },
      { name: "cut.pcap", bytes: DAMAGED },
      { name: "letter.pcap", bytes: bytes("Dear reader,\n") },
    ]);
    await settled(page, "3 sessions, 2 with findings; 2 files not read completely");
    const files = page.getByRole("region", { name: "Files" }).getByRole("listitem");
    expect(await files.allInnerTexts()).toEqual([
      "hello.md 146 bytes, 2 sessions; 1 with findings",
      `cut.pcap ${DAMAGED.length} bytes, 1 session; 1 with findings\npacket 5 at byte 276: ` +
        "the file ends after 43 of 46 bytes",
      "letter.pcap 13 bytes, 0 sessions; 0 with findings\nfile header at byte 0: not a capture: no pcap or pcapng magic number",
    ]);
    expect(await sessions(page).allInnerTexts()).toEqual([
      "Session 0 One\nprevented\nhello.md: 192.0.2.10:40000 → 192.0.2.25:25, 1 finding",
      "Session 1 Two\nclean\nhello.md: 192.0.2.10:40000 → 192.0.2.25:25",
      "Session 0\nprevented\ncut.pcap: 192.0.2.10:40000 → 192.0.2.25:25, 1 finding",
    ]);
    await sessions(page).nth(1).click();
    await page.getByRole("heading", { name: "Session 1: Two" }).waitFor();
    await page.getByLabel("Show").selectOption("those with findings");
    expect(await sessions(page).count()).toBe(2);
    await page.getByRole("button", { name: "Back to the dialogue" }).click();
    await settled(page, "1 session, 1 with findings");
  });

  test("a port of one's own", async () => {
    const page = await lab.open();
    await drop(page, [{ name: "cut.pcap", bytes: DAMAGED }]);
    await settled(page, "1 session, 1 with findings");
    await page.getByLabel("Server port").fill("2500");
    await settled(page, "0 sessions, 0 with findings");
    await page.getByLabel("Server port").fill("mail");
    await settled(page, "The port must be a number from 1 to 65535");
  });

  test("a session of many lines: the first at once, the others when one asks for them", async () => {
    const page = await lab.open();
    const long = `\`\`\`smtp\nS: 220 mx.example\n${"C: NOOP\nS: 250 ok\n".repeat(700)}\`\`\`\n`;
    await drop(page, [{ name: "long.md", bytes: bytes(long) }]);
    await page.getByText("… 901 more lines are not shown").waitFor();
    expect((await lines(page)).length).toBe(500);
    await page.getByRole("button", { name: "Show more lines" }).click();
    await page.getByText("… 401 more lines are not shown").waitFor();
    await page.getByRole("button", { name: "Show more lines" }).click();
    await page.getByRole("button", { name: "Show more lines" }).waitFor({ state: "detached" });
    expect((await lines(page)).length).toBe(1401);
  });

  test("a file that cannot be read any more", async () => {
    const folder = mkdtempSync(join(tmpdir(), "smtp-inspector-page-"));
    const file = join(folder, "cut.pcap");
    writeFileSync(file, DAMAGED);
    const page = await lab.open();
    await page.locator("#files").setInputFiles(file);
    await settled(page, "1 session, 1 with findings; 1 file not read completely");
    rmSync(folder, { recursive: true });
    await page.getByRole("button", { name: "Replay" }).click();
    await settled(page, "0 sessions, 0 with findings; 1 file not read completely");
    await page.getByText(/cut\.pcap.*0 sessions; 0 with findings.*could not be/).waitFor();
    await page.getByRole("button", { name: "Back to the dialogue" }).click();
    await settled(page, /^1 session, 1 with findings$/);
  });

  test("a browser that may not run WebAssembly: the page says so", async () => {
    const page = await lab.open();
    await page.route(lab.url, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()).replace("'wasm-unsafe-eval'", "") });
    });
    await page.reload();
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").innerText()).toMatch(/^The filter does not run here: .*WebAssembly/);
  });

  test("opened from the disk, where browsers do not run it: it says what to do", async () => {
    const page = await lab.open();
    await page.goto(new URL("../../../dist/web/index.html", import.meta.url).href);
    await page.getByText("Open the page from a web server, such as smtp-inspector web").waitFor();
  });
});
