/** The built page in a real browser, from a web server that knows nothing of it. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { launchBrowser } from "./browser.js";

const BUILT = fileURLToPath(new URL("../../../dist/web", import.meta.url));
const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
};

/** A browser, and a plain static web server with the page in a folder. */
export class PageLab {
  /** Addresses that the browser asked for, the page's own files and what it made itself (blob:, data:) included. */
  readonly requests: string[] = [];
  /** What pages said on the console, and errors that nobody caught. */
  readonly complaints: string[] = [];
  /** Where the page is. */
  readonly url: string;

  private constructor(
    private readonly server: Server,
    private readonly browser: Browser,
    /** What the server was asked for, in order: method and path. */
    readonly asked: readonly string[],
  ) {
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/folder/`;
  }

  /** @throws Error when the page is not built or there is no browser */
  static async start(): Promise<PageLab> {
    if (!existsSync(`${BUILT}/index.html`))
      throw new Error("the page is not built: npm run build && npm run dist");
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const path = (request.url ?? "")
        .replace(/^\/some\/folder\/$/, "$&index.html")
        .replace(/^\/some\/folder/, "");
      const file = `${BUILT}${path}`;
      const isThere = existsSync(file) && statSync(file).isFile();
      response.writeHead(isThere ? 200 : 404, { "Content-Type": TYPES[extname(path)] ?? "text/plain" });
      response.end(isThere ? readFileSync(file) : "");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new PageLab(server, await launchBrowser(), asked);
  }

  async stop(): Promise<void> {
    await this.browser.close();
    this.server.closeAllConnections();
    this.server.close();
  }

  /** A page in a fresh profile, closed when the test ends; its first session is shown. */
  async open(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext(options);
    onTestFinished(() => context.close());
    context.on("request", (request) => void this.requests.push(request.url()));
    const page = await context.newPage();
    page.on("console", (message) => void this.complaints.push(message.text()));
    page.on("pageerror", (error) => void this.complaints.push(error.message));
    await page.goto(this.url);
    await settled(page, "1 session, 1 with findings");
    return page;
  }
}

/** Waits until the status line says so. */
export async function settled(page: Page, status: string | RegExp): Promise<void> {
  await page.locator(".status").filter({ hasText: status }).waitFor();
}

/** Drops files on the page, wherever. */
export async function drop(
  page: Page,
  files: { name: string; bytes: Uint8Array }[],
  onto = "body",
): Promise<void> {
  const inPage = files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString("base64") }));
  const dataTransfer = await page.evaluateHandle((given) => {
    const transfer = new DataTransfer();
    for (const { name, base64 } of given) {
      const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
      transfer.items.add(new File([bytes], name));
    }
    return transfer;
  }, inPage);
  await page.dispatchEvent(onto, "drop", { dataTransfer });
}

/** What is saved when `act` is done: the file's name and content. */
export async function saved(page: Page, act: () => Promise<void>): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent("download"), act()]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
}
