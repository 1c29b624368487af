/** The page in Chromium without a mouse, without sight, without light, without room. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserPath } from "../support/browser.js";
import { drop, PageLab, saved, settled } from "../support/page.js";
import { focused, lowestContrast, tabTo } from "../support/senses.js";
import { bytes, HELLO, lines, policy } from "./inputs.js";

/** The states in which the page is looked at: each goes on from the one before. */
const STATES: readonly [string, (page: Page) => Promise<void>][] = [
  ["the start", async () => {}],
  [
    "a refused policy and a broken dialogue",
    async (page) => {
      await policy(page).fill('{ "protections": { "private_comand": "off" } }');
      await page.locator("#policy-problems li.problem-error").waitFor();
      await page
        .getByLabel("Both sides of a dialogue")
        .fill("X: nobody says this, whoever is asked about it\n");
      await page.locator("#dialogue-problems li").waitFor();
    },
  ],
  [
    "two policies compared, on a file with a long name",
    async (page) => {
      await drop(page, [{ name: `${"a-long-name-".repeat(12)}.md`, bytes: bytes(HELLO) }]);
      await page.getByRole("button", { name: "Compare with a second policy" }).click();
      await page.getByLabel("Second policy as JSON").fill('{"profile":"monitor"}');
      await settled(page, "1 changed by the second policy");
      await page.locator(".change").waitFor();
    },
  ],
];

describe.skipIf(browserPath() === null)("the page", () => {
  let lab: PageLab;
  beforeAll(async () => {
    lab = await PageLab.start();
  });
  afterAll(() => lab.stop());

  test("by keyboard alone: example, policy, suggestion, comparison, sessions, saving", async () => {
    const page = await lab.open();
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("a Skip to the results");
    await tabTo(page, "select Example");
    await page.keyboard.press("ArrowDown");
    await page.getByText("smuggled_end_of_data/smuggled").waitFor();
    await tabTo(page, "textarea Policy as JSON");
    await page.keyboard.press("Control+a");
    await page.keyboard.type('{ "prof');
    await page.keyboard.press("Control+Space");
    expect(await focused(page)).toBe("ul Suggestions, Enter inserts");
    await page.keyboard.press("Enter");
    expect(await focused(page)).toBe("textarea Policy as JSON");
    await page.keyboard.type(" }");
    expect(await policy(page).inputValue()).toBe('{ "profile": "recommended" }');
    await page.keyboard.press("Control+Space");
    await page.keyboard.press("Escape");
    expect(await focused(page)).toBe("textarea Policy as JSON");
    // The editor is no trap: Tab goes on, and back.
    await page.keyboard.press("Shift+Tab");
    expect(await focused(page)).toBe("button Compare with a second policy");
    await page.keyboard.press("Enter");
    await settled(page, "1 changed by the second policy");
    expect(await focused(page)).toBe("textarea Second policy as JSON");
    await tabTo(page, "ul Sessions");
    await page.keyboard.press("End");
    await tabTo(page, "input Hex of each line");
    await page.keyboard.press("Space");
    await tabTo(page, "summary hex of line 1: 220 mx.example ESMTP");
    await page.keyboard.press("Enter");
    await page.getByLabel("Offset, hex and ASCII").first().waitFor();
    for (let presses = 0; (await focused(page)) !== "button Save JSON"; presses++) {
      expect(presses).toBeLessThan(40);
      await page.keyboard.press("Shift+Tab");
    }
    const { text } = await saved(page, () => page.keyboard.press("Enter"));
    expect(text).toContain('"protection":"smuggled_end_of_data"');
  });

  test("by keyboard alone: files, and the list of sessions by arrow keys", async () => {
    const page = await lab.open();
    // Before the keys: the browser has to be told that its dialog is not wanted.
    const chosen = page.waitForEvent("filechooser");
    await tabTo(page, "input Open captures or transcripts…");
    await page.keyboard.press("Enter");
    const chooser = await chosen;
    await chooser.setFiles({ name: "hello.md", mimeType: "text/markdown", buffer: Buffer.from(HELLO) });
    await settled(page, "2 sessions, 1 with findings");
    await tabTo(page, "ul Sessions");
    await page.keyboard.press("ArrowDown");
    await page.getByRole("heading", { name: "Session 1: Two" }).waitFor();
    expect(await lines(page)).toContain("C: EHLO client.example");
    await page.keyboard.press("Home");
    await page.getByRole("heading", { name: "Session 0: One" }).waitFor();
  });

  test("all of it by Tab, there and back: no trap, and focus is seen", async () => {
    const page = await lab.open();
    const seen: string[] = [];
    for (let presses = 0; presses < 80; presses++) {
      await page.keyboard.press("Tab");
      const now = await focused(page);
      if (now === "" || now === seen[0]) break;
      seen.push(now);
      const outline = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const shown = element.matches(".out-of-sight") ? element.nextElementSibling : element;
        return shown === null ? "none" : getComputedStyle(shown).outlineStyle;
      });
      expect(`${now}: ${outline}`).toBe(`${now}: ${outline === "none" ? "an outline" : outline}`);
    }
    expect(seen.filter((each) => !each.startsWith("summary"))).toEqual([
      "a Skip to the results",
      "select Theme",
      "select Example",
      "textarea Both sides of a dialogue, line by line",
      "input Open captures or transcripts…",
      "select Profile of the policy",
      "input Open a file as the policy…",
      "button Compare with a second policy",
      "textarea Policy as JSON",
      "button Save the policy",
      "button Line 2, column 3 go there",
      "button Replay",
      "button Save HTML",
      "button Save JSON",
      "button Save anonymised test case",
      "select Show",
      "ul Sessions",
      "input Hex of each line",
    ]);
    await page.keyboard.press("Shift+Tab");
    expect(await focused(page)).not.toBe("");
  });

  test("has a name and a role for everything", async () => {
    const page = await lab.open();
    const tree = await page.locator("body").ariaSnapshot();
    const roles = tree.match(
      /(?<=^ *- )(?:banner|main|region "[^"]*"|heading "[^"]*"|status|listbox "[^"]*")/gm,
    );
    expect(roles).toEqual([
      "banner",
      'heading "SMTP Inspector"',
      "main",
      'region "Dialogue"',
      'heading "Dialogue"',
      'region "Policy"',
      'heading "Policy"',
      'listbox "Suggestions, Enter inserts"',
      'region "Sessions"',
      'heading "Sessions"',
      "status",
      'listbox "Sessions"',
      'heading "Session 0"',
    ]);
    expect(
      tree.match(/^ *- (?:button|combobox|textbox|listbox|link|progressbar)(?: \[[^\]]*\])?(?::.*)?$/gm),
    ).toBeNull();
    const live = await page
      .locator("[aria-live], [role=status]")
      .evaluateAll((all) => all.map(({ id, className }) => id || className));
    expect(live).toEqual(["dialogue-problems", "policy-verdict", "policy-problems", "status"]);
  });

  for (const [width, height] of [
    [360, 640],
    [1280, 800],
  ] as const) {
    test(`${width} pixels wide: nothing is cut off sideways`, async () => {
      const page = await lab.open({ viewport: { width, height } });
      for (const [state, reach] of STATES) {
        await reach(page);
        if (state === "the start") expect(await page.evaluate(() => scrollY)).toBe(0);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(`${state}: ${wide}`).toBe(`${state}: ${width}`);
      }
    });
  }

  for (const colorScheme of ["light", "dark"] as const) {
    test(`${colorScheme}: all text can be read`, async () => {
      const page = await lab.open({ colorScheme });
      for (const [state, reach] of STATES) {
        await reach(page);
        const { ratio, where } = await lowestContrast(page);
        expect(ratio, `${state}: ${where}`).toBeGreaterThanOrEqual(4.5);
      }
    });
  }

  test("dark and light, by the system or by choice", async () => {
    const page = await lab.open({ colorScheme: "dark" });
    const paper = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(await paper()).toBe("rgb(11, 14, 18)");
    await page.getByLabel("Theme").selectOption("light");
    expect(await paper()).toBe("rgb(243, 245, 247)");
    await page.emulateMedia({ colorScheme: "light" });
    await page.getByLabel("Theme").selectOption("dark");
    expect(await paper()).toBe("rgb(11, 14, 18)");
    await page.getByLabel("Theme").selectOption("system");
    expect(await paper()).toBe("rgb(243, 245, 247)");
  });

  test("nothing moves where motion is not wanted", async () => {
    const page = await lab.open({ reducedMotion: "reduce" });
    const moving = await page.evaluate(
      () =>
        [...document.querySelectorAll("*")].filter((each) => {
          const { transitionDuration, animationName } = getComputedStyle(each);
          return transitionDuration !== "0s" || animationName !== "none";
        }).length,
    );
    expect(moving).toBe(0);
  });
});
