/** The page in Chromium: what it writes can be taken back, and whoever has a keyboard only stays where they are. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserPath } from "../support/browser.js";
import { drop, PageLab, settled } from "../support/page.js";
import { focused } from "../support/senses.js";
import { bytes, HELLO, policy } from "./inputs.js";

describe.skipIf(browserPath() === null)("on the page", () => {
  let lab: PageLab;
  beforeAll(async () => {
    lab = await PageLab.start();
  });
  afterAll(() => lab.stop());

  test("undoing a suggestion gives back what was there, and redoing the suggestion", async () => {
    const page = await lab.open();
    await policy(page).fill("");
    await policy(page).pressSequentially('{ "protections": { "exch');
    await page.keyboard.press("Control+Space");
    await page.keyboard.press("Enter");
    const accepted = '{ "protections": { "exchange_command": "prevent"';
    expect(await policy(page).inputValue()).toBe(accepted);
    await page.keyboard.press("Control+z");
    expect(await policy(page).inputValue()).toBe('{ "protections": { "exch');
    await page.keyboard.press("Control+Shift+z");
    expect(await policy(page).inputValue()).toBe(accepted);
    await page.keyboard.press("Control+z");
    await page.keyboard.press("Control+z");
    expect(accepted).toContain(await policy(page).inputValue());
  });

  test("undoing a profile or a file gives back the policy that was typed", async () => {
    const page = await lab.open();
    const typed = '{ "profile": "monitor", "events": { "excerpt": "none" } }';
    await policy(page).fill(typed);
    await page.getByLabel("Profile of the policy").selectOption("strict");
    expect(await policy(page).inputValue()).toContain('"strict"');
    await policy(page).press("Control+z");
    expect(await policy(page).inputValue()).toBe(typed);
    await drop(page, [{ name: "policy.json", bytes: bytes('{"profile":"strict"}') }], "#policy");
    await page.locator(".session-verdict").filter({ hasText: "prevented" }).waitFor();
    await policy(page).press("Control+z");
    expect(await policy(page).inputValue()).toBe(typed);
    await page.locator(".session-verdict").filter({ hasText: "detected" }).waitFor();
  });

  test("a policy of many lines is there at once; there is nothing to undo, and nothing is spoilt by trying", async () => {
    const page = await lab.open();
    await policy(page).press("End");
    await policy(page).pressSequentially("  ");
    const long = `{${"\n".repeat(60_000)}"profile":"monitor"}`;
    await drop(page, [{ name: "policy.json", bytes: bytes(long) }], "#policy");
    await page.locator(".session-verdict").filter({ hasText: "detected" }).waitFor();
    await policy(page).press("Control+z");
    expect((await policy(page).inputValue()) === long).toBe(true);
    await page.getByLabel("Profile of the policy").selectOption("strict");
    await page.locator(".session-verdict").filter({ hasText: "prevented" }).waitFor();
    await policy(page).press("Control+z");
    expect(await policy(page).inputValue()).toBe('{\n  "profile": "strict"\n}\n');
  });

  test("undoing an example gives back the dialogue that was typed, and judges it", async () => {
    const page = await lab.open();
    const dialogue = page.getByLabel("Both sides of a dialogue, line by line");
    await dialogue.fill("");
    await dialogue.pressSequentially("S: 220 mx.example\nC: XADR\nS: 250 ok\n");
    await page.getByText("private_command/private_verb").waitFor();
    await page.getByLabel("Example").focus();
    await page.getByLabel("Example").selectOption("A clean mail");
    await settled(page, "1 session, 0 with findings");
    expect(await dialogue.inputValue()).toContain("See you on Monday.");
    expect(await focused(page)).toBe("select Example");
    await dialogue.press("Control+z");
    expect(await dialogue.inputValue()).toBe("S: 220 mx.example\nC: XADR\nS: 250 ok\n");
    await page.getByText("private_command/private_verb").waitFor();
    expect(await page.getByLabel("Example").inputValue()).toBe("-1");
  });

  test("a button that goes away hands on the focus", async () => {
    const page = await lab.open();
    await drop(page, [{ name: "hello.md", bytes: bytes(HELLO) }]);
    await settled(page, "2 sessions, 1 with findings");
    await page.getByRole("button", { name: "Back to the dialogue" }).press("Enter");
    await settled(page, "1 session, 1 with findings");
    expect(await focused(page)).toBe("textarea Both sides of a dialogue, line by line");
    await page.getByRole("button", { name: "Compare with a second policy" }).press("Enter");
    await settled(page, "0 changed by the second policy");
    expect(await focused(page)).toBe("textarea Second policy as JSON");
    await page.getByRole("button", { name: "Close the second policy" }).press("Enter");
    await settled(page, /^1 session, 1 with findings$/);
    expect(await focused(page)).toBe("textarea Policy as JSON");
    const long = `\`\`\`smtp\nS: 220 mx.example\n${"C: NOOP\nS: 250 ok\n".repeat(300)}\`\`\`\n`;
    await drop(page, [{ name: "long.md", bytes: bytes(long) }]);
    await page.getByRole("button", { name: "Show more lines" }).press("Enter");
    await page.getByRole("button", { name: "Show more lines" }).waitFor({ state: "detached" });
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("shown-sessions");
  });

  test("a button that goes away without having the focus takes the focus from nobody else", async () => {
    const page = await lab.open();
    await page.getByRole("button", { name: "Compare with a second policy" }).click();
    await settled(page, "0 changed by the second policy");
    await page.getByLabel("Theme").focus();
    await page
      .getByRole("button", { name: "Close the second policy" })
      .evaluate((button: HTMLButtonElement) => button.click());
    await settled(page, /^1 session, 1 with findings$/);
    expect(await focused(page)).toBe("select Theme");
  });

  test("hex costs a keyboard nothing until it is wanted, and then has a name a line", async () => {
    const page = await lab.open();
    expect(await page.locator(".session-hex").count()).toBe(0);
    await page.getByLabel("Hex of each line").check();
    const names = await page.locator(".session-hex > summary").allTextContents();
    expect(names.slice(3, 6)).toEqual([
      "hex of line 4: 250 PIPELINING",
      "hex of line 5: XEXCH50 1024 2",
      "hex of line 6: NOOP",
    ]);
    expect(new Set(names).size).toBe(names.length);
    await drop(page, [{ name: "long.md", bytes: bytes(`\`\`\`smtp\nS: 220 ${"x".repeat(60)}\n\`\`\`\n`) }]);
    await page.getByText(`hex of line 1: 220 ${"x".repeat(36)}…`).waitFor();
  });

  test("on 360 pixels, the names of findings break after _ and /", async () => {
    const page = await lab.open({ viewport: { width: 360, height: 640 } });
    const lines = await page
      .locator(".session-finding-text strong")
      .first()
      .evaluate((name) => {
        const range = document.createRange();
        const seen: { text: string; top: number }[] = [];
        const walker = document.createTreeWalker(name, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
          for (let at = 0; at < (node.nodeValue ?? "").length; at++) {
            range.setStart(node, at);
            range.setEnd(node, at + 1);
            const { top } = range.getBoundingClientRect();
            const last = seen.at(-1);
            if (last?.top === top) last.text += range.toString();
            else seen.push({ text: range.toString(), top });
          }
        }
        return seen.map(({ text }) => text);
      });
    expect(lines.join("")).toBe("exchange_command/exchange_verb");
    expect(lines.slice(0, -1).filter((line) => !/[_/]$/.test(line))).toEqual([]);
  });
});
