/**
 * The pictures of the page that README shows. To take them again:
 * SMTP_INSPECTOR_SCREENSHOTS=1 npx vitest run host-test/test/web/screenshots.test.ts
 */
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserPath } from "../support/browser.js";
import { drop, PageLab, settled } from "../support/page.js";
import { policy } from "./inputs.js";

const FOLDER = fileURLToPath(new URL("../../web/screenshots/", import.meta.url));
const VECTORS = fileURLToPath(new URL("../../vectors/", import.meta.url));
const LARGEST = 150_000;

const PICTURES: readonly [string, BrowserContextOptions, (page: Page) => Promise<void>][] = [
  [
    "dialogue.png",
    { viewport: { width: 1200, height: 860 }, deviceScaleFactor: 0.85, colorScheme: "light" },
    async (page) => {
      const text = '{\n  "profile": "recommended",\n  "protections": {\n    "exchange_command": "pre';
      await policy(page).fill("");
      await policy(page).pressSequentially(text);
      await page.keyboard.press("Control+Space");
      await page.keyboard.press("Enter");
      await page.keyboard.type("\n  }\n}\n");
      await page.keyboard.press("ArrowUp");
      await page.keyboard.press("ArrowUp");
      await page.keyboard.press("ArrowUp");
      await page.keyboard.press("End");
      await page.keyboard.press("ArrowLeft");
      await page
        .locator("#policy-verdict")
        .filter({ hasText: /^Valid/ })
        .waitFor();
      await page.locator(".session").waitFor();
      await page.evaluate(() => scrollTo(0, 0));
    },
  ],
  [
    "compare.png",
    { viewport: { width: 1060, height: 540 }, colorScheme: "dark" },
    async (page) => {
      const name = "bare_newline_in_data.md";
      await drop(page, [{ name, bytes: new Uint8Array(readFileSync(VECTORS + name)) }]);
      await page.getByRole("button", { name: "Compare with a second policy" }).click();
      await settled(page, "changed by the second policy");
      await page.getByLabel("Show").selectOption("those that change");
      await page.getByRole("listbox", { name: "Sessions" }).getByRole("option").first().click();
      await page.locator(".change").filter({ hasText: "detected → prevented" }).waitFor();
      await page.locator("#results").scrollIntoViewIfNeeded();
      await page.evaluate(() => document.getElementById("results")?.scrollIntoView());
    },
  ],
];

describe.skipIf(browserPath() === null)("a picture", () => {
  let lab: PageLab;
  beforeAll(async () => {
    lab = await PageLab.start();
  });
  afterAll(() => lab.stop());

  for (const [name, options, reach] of PICTURES) {
    test(`${name} can be taken, and is in README`, async () => {
      const page = await lab.open(options);
      await reach(page);
      if (process.env["SMTP_INSPECTOR_SCREENSHOTS"] === "1") await page.screenshot({ path: FOLDER + name });
      expect(statSync(FOLDER + name).size).toBeLessThan(LARGEST);
      const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
      expect(readme).toMatch(new RegExp(`!\\[[^\\]]{20,}\\]\\(host-test/web/screenshots/${name}\\)`));
    });
  }
});
