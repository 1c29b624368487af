/** The HTML of sessions in a real browser: what it shows, that it runs and fetches nothing, and how it looks. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { replay } from "../../cli/replay.js";
import { browserPath, launchBrowser } from "../support/browser.js";
import { captures, pathOf } from "../support/captures.js";
import { contrasts } from "../support/contrast.js";
import { runCommand } from "../support/run-command.js";
import { vectorFiles } from "../support/vector-file.js";

const EVIL = "<script>window.ran=1</script><img src=http://192.0.2.1/x onerror=window.ran=1>";
const MAIL = "C: MAIL FROM:<a@x.org>\nS: 250 a\nC: RCPT TO:<b@x.org>\nS: 250 b\nC: DATA\nS: 354 go";
/** All that a session can show: what passed, was withheld, rewritten, masked, said by the filter, would not happen, TLS. */
const EVERYTHING = [
  `# ${EVIL}\n\n\`\`\`smtp`,
  `S: 220 ${EVIL}\nC: EHLO ${EVIL}\nS: 250-mx\nS: 250-STARTTLS\nS: 250 AUTH PLAIN`,
  `C: AUTH PLAIN AGEAc2VjcmV0\nS: 535 no\nC: XADR\nS: 500 what\nC: NOOP ${"x".repeat(400)}\nS: 250 ok`,
  `${MAIL}\nC: Subject: ${EVIL}\nC: \nC:: bare\\n\nC: ${"y".repeat(300)}\nC: z\nC: .\nS: 250 queued`,
  "C: STARTTLS\nS: 220 go\nC:: \\x16\\x03\\x01\\0\\x01x\n```\n",
].join("\n");

let folder = "";
let browser: Browser | null = null;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "html-browser-"));
  if (browserPath() !== null) browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** Replays files into one HTML file, and opens it. */
async function opened(args: readonly string[], options: BrowserContextOptions = {}): Promise<Page> {
  const { out } = await runCommand(replay, [...args, "--html"]);
  const path = join(folder, "report.html");
  writeFileSync(path, out);
  const page = await (await (browser as Browser).newContext(options)).newPage();
  await page.goto(pathToFileURL(path).href);
  return page;
}

function everything(): string {
  const path = join(folder, "<b>everything.md");
  writeFileSync(path, EVERYTHING);
  return path;
}

/** What the rows of each session say, with the text output's marks for notes and findings; parsed, not laid out. */
const rowsIn = (page: Page, html: string): Promise<string[][]> =>
  page.evaluate((source) => {
    const rows = ".session-line:not(.session-excerpt), .session-rest, .session-note, .session-finding-text";
    const parsed = new DOMParser().parseFromString(source, "text/html");
    return [...parsed.querySelectorAll("article")].map((article) =>
      [...article.querySelectorAll(rows)].map(({ textContent, className, tagName }) => {
        if (className === "session-finding-text") return `^ ${textContent}`;
        return tagName === "CODE" ? textContent : `# ${textContent}`;
      }),
    );
  }, html);

describe.skipIf(browserPath() === null)("in Chromium", () => {
  test("markup and script from the wire, a title and a file's name are text; nothing is fetched or run", async () => {
    const page = await opened([everything()]);
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.reload();
    await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
    expect(asked).toEqual([page.url()]);
    expect(
      await page.evaluate(() => [
        Reflect.get(window, "ran"),
        document.querySelectorAll("img, script").length,
      ]),
    ).toEqual([undefined, 0]);
    expect(await page.locator("h2").first().textContent()).toBe(everything());
    expect(await page.locator("h3").textContent()).toBe(`Session 0: ${EVIL}`);
    expect(await page.locator(".session-line").first().textContent()).toBe(`S: 220 ${EVIL}`);
  });

  test("its policy refuses whatever else might be in it", async () => {
    const page = await opened([everything()]);
    const refused = await page.evaluate(
      () =>
        new Promise<string[]>((resolve) => {
          const found: string[] = [];
          document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
            found.push(effectiveDirective);
            if (found.length === 4) resolve(found.sort());
          });
          document.body.insertAdjacentHTML(
            "beforeend",
            '<img src="http://192.0.2.1/"><iframe src="http://192.0.2.1/"></iframe><p style="color:red">',
          );
          const script = document.createElement("script");
          script.textContent = "window.ran = 1";
          document.body.append(script);
        }),
    );
    expect(refused).toEqual(["frame-src", "img-src", "script-src-elem", "style-src-attr"]);
    expect(await page.evaluate(() => Reflect.get(window, "ran") as unknown)).toBe(undefined);
    const border = page.locator(".session-verdict").first();
    expect(await border.evaluate((element) => getComputedStyle(element).borderStyle)).toBe("solid");
  });

  test("the same conversation has the same lines as the text output, for every vector", async () => {
    const page = await (browser as Browser).newPage();
    let compared = 0;
    for (const { id } of vectorFiles()) {
      const path = `host-test/vectors/${id}.md`;
      const [told, html] = [await runCommand(replay, [path]), await runCommand(replay, [path, "--html"])];
      // Between a session's head and its outcome.
      const texts = [...told.out.matchAll(/^== session .*\n([^]*?)^== .*$/gm)].map(([, body]) =>
        (body as string).trimEnd().split("\n"),
      );
      const shown = await rowsIn(page, html.out);
      expect(shown.length, id).toBe(texts.length);
      shown.forEach((rows, index) => {
        const all = texts[index] as string[];
        // Of a long one the first, and what is around findings.
        const cut = rows.findIndex((row) => /^# … \d+ more lines are not shown$/.test(row));
        expect(cut >= 0, id).toBe(all.length > 500);
        expect(cut < 0 ? rows : rows.slice(0, cut), `${id} ${index}`).toEqual(
          cut < 0 ? all : all.slice(0, cut),
        );
        expect(found(rows), `${id} ${index}`).toEqual(found(all));
        compared += rows.length;
      });
    }
    expect(compared).toBeGreaterThan(5000);
  });

  test("it opens its details without script", async () => {
    const page = await opened([everything()], { javaScriptEnabled: false });
    await page.getByText("hex of line 1: 220 <s").first().click();
    expect(await page.locator("details[open] pre").innerText()).toMatch(/^000000 {2}32 32 30 20 3c 73/);
    await page.getByText(/^The server received /).click();
    expect(await page.locator("details[open] pre").last().innerText()).toContain("AUTH PLAIN ***\n");
  });

  test("five captures show what their expected files say", async () => {
    const page = await (browser as Browser).newPage();
    const folderOf = new URL("expected/", import.meta.url);
    const names = readdirSync(folderOf).filter((name) =>
      captures().some(({ file }) => name.startsWith(stem(file))),
    );
    for (const name of names) {
      const [capture, profile] = name.split(/\.(?=recommended|strict|monitor)/) as [string, string];
      const path = pathOf(`${capture}.pcap`);
      const { out } = await runCommand(replay, [path, "--policy", profile.replace(".txt", ""), "--html"]);
      const expected = readFileSync(new URL(name, folderOf), "utf8").split("\n");
      const lines = expected.filter((line) => !/^(== .*|# [^ ]*\.pcap|# \d+ sessions?;.*|)$/.test(line));
      expect((await rowsIn(page, out)).flat(), name).toEqual(lines);
    }
    expect(names.length).toBe(captures().length === 0 ? 0 : 5);
  });

  test("nothing is wider than a screen of 360 pixels, all details open", async () => {
    const page = await opened([everything()], { viewport: { width: 360, height: 800 } });
    await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    const lanes = await page
      .locator(".session-by-client .session-said, .session-by-server .session-said")
      .evaluateAll((all) => [...new Set(all.map((each) => each.getBoundingClientRect().left))]);
    // The server's lane is set in.
    expect(lanes.sort((a, b) => a - b)).toEqual([16, 40]);
  });

  test.each(["light", "dark"] as const)(
    "text can be read in %s: contrast of at least 4.5",
    async (colorScheme) => {
      const page = await opened([everything()], { colorScheme });
      await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
      const found = await page.evaluate(contrasts);
      expect(found.length).toBeGreaterThan(100);
      expect(found.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
      const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(paper).toBe(colorScheme === "light" ? "rgb(255, 255, 255)" : "rgb(18, 22, 27)");
      // What the reader chose goes before what the system says.
      await page.evaluate(
        (theme) => (document.documentElement.dataset["theme"] = theme),
        colorScheme === "light" ? "dark" : "light",
      );
      expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
        colorScheme === "dark" ? "rgb(255, 255, 255)" : "rgb(18, 22, 27)",
      );
    },
  );

  test("a screen reader hears who said what, what became of it and what was found", async () => {
    const page = await opened([everything()]);
    const list = page.getByRole("list", { name: "Conversation" });
    const item = (line: string): Promise<string> =>
      list
        .locator("> li", { has: page.locator(".session-line", { hasText: line }) })
        .first()
        .ariaSnapshot();
    expect(await item("S: 250-mx")).toBe(`- listitem:
  - text: command mode, server, passed
  - code: 250-mx
  - group: "hex of line 3: 250-mx"`);
    expect(await item("XADR")).toBe(`- listitem:
  - text: command mode, client, withheld
  - code:
    - mark: XADR
  - group: "hex of line 8: XADR"
  - list "Findings":
    - listitem:
      - strong: private_command/private_verb
      - text: ": prevented (reject), 502 5.5.1 to the client"`);
    expect(await item("S< NOOP")).toBe(`- listitem:
  - text: command mode, filter to server
  - code: NOOP
  - group: "hex of line 9: NOOP"`);
    // A masked line has no hex.
    expect(await item("AUTH PLAIN ***")).toBe(`- listitem:
  - text: command mode, client, passed
  - code: AUTH PLAIN ***`);
  });
});

const found = (rows: string[]): string[] => rows.filter((row) => row.startsWith("^ "));
const stem = (file: string): string => file.replace(/\.pcap(?:ng)?$/, "");
