/** The page in Chromium: nothing goes out, nothing from the wire comes to life. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserPath } from "../support/browser.js";
import { drop, PageLab, saved, settled } from "../support/page.js";
import { bytes, HELLO, policy } from "./inputs.js";

/** Ways out of a page or a worker; each says what became of it. */
const WAYS_OUT = `async (origin, own) => {
  const outcome = async (act) => {
    try { return await act(); } catch (error) { return "refused"; }
  };
  const event = (target, good, bad) => new Promise((resolve) => {
    target["on" + good] = () => resolve("went out");
    target["on" + bad] = () => resolve("refused");
  });
  const found = {
    fetch: await outcome(() => fetch(origin + "/fetch", { mode: "no-cors" }).then(() => "went out")),
    own: await outcome(() => fetch(own + "/own").then(() => "went out")),
    xhr: await outcome(() => {
      const request = new XMLHttpRequest();
      request.open("GET", origin + "/xhr");
      const done = event(request, "load", "error");
      request.send();
      return done;
    }),
    socket: await outcome(() => event(new WebSocket(origin.replace("http", "ws") + "/socket"), "open", "error")),
    events: await outcome(() => event(new EventSource(origin + "/events"), "open", "error")),
  };
  if (typeof document === "undefined") {
    found.script = await outcome(() => { importScripts(origin + "/script.js"); return "went out"; });
    return found;
  }
  found.beacon = await outcome(() => {
    navigator.sendBeacon(origin + "/beacon", "x");
    return "asked for";
  });
  const element = (name, attributes) => {
    const made = document.createElement(name);
    const done = event(made, "load", "error");
    Object.assign(made, attributes);
    document.body.append(made);
    return done;
  };
  found.image = await outcome(() => element("img", { src: origin + "/image.png" }));
  found.ownImage = await outcome(() => element("img", { src: own + "/image.png" }));
  found.script = await outcome(() => element("script", { src: origin + "/script.js" }));
  found.style = await outcome(() => element("link", { rel: "stylesheet", href: origin + "/style.css" }));
  document.body.insertAdjacentHTML("beforeend", "<iframe src='" + origin + "/frame'></iframe><video src='" + origin + "/video'></video><form id='f' method='post' action='" + origin + "/form'></form><div style='background:url(" + origin + "/css)'>x</div>");
  document.getElementById("f").submit();
  return found;
}`;

describe.skipIf(browserPath() === null)("the page", () => {
  let lab: PageLab;
  /** A server that a leak would reach. */
  let elsewhere: Server;
  const heard: string[] = [];
  let origin: string;
  beforeAll(async () => {
    lab = await PageLab.start();
    elsewhere = createServer((request, response) => {
      heard.push(request.url ?? "");
      response.end();
    });
    elsewhere.listen(0, "127.0.0.1");
    await once(elsewhere, "listening");
    origin = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await lab.stop();
    elsewhere.closeAllConnections();
    elsewhere.close();
  });

  test("asks for its own three files and nothing else, whatever one does with it", async () => {
    const [before, asked] = [lab.requests.length, lab.asked.length];
    const page = await lab.open();
    await policy(page).fill('{ "profile": "monitor" }');
    await page.locator(".session-verdict").filter({ hasText: "detected" }).waitFor();
    await policy(page).fill("{");
    await page.locator("#policy-problems li.problem-error").waitFor();
    await drop(page, [{ name: "hello.md", bytes: bytes(HELLO) }]);
    await settled(page, "2 sessions, 1 with findings");
    await page.getByRole("button", { name: "Compare with a second policy" }).click();
    await settled(page, "changed by the second policy");
    for (const button of ["Save HTML", "Save JSON", "Save anonymised test case"]) {
      await saved(page, () => page.getByRole("button", { name: button }).click());
    }
    await page.getByLabel("Theme").selectOption("dark");
    await page.getByLabel("Hex of each line").check();
    await page.getByText("hex of line 1").first().click();
    const own = /^(?:$|assets\/index-[\w-]+\.(?:js|css)$)/;
    const out = lab.requests.slice(before).filter((url) => !/^(?:blob:|data:)/.test(url));
    expect(out.map((url) => url.replace(lab.url, "")).filter((url) => !own.test(url))).toEqual([]);
    expect(new Set(lab.asked.slice(asked)).size).toBe(3);
    expect(lab.asked.slice(asked).filter((line) => !own.test(line.replace("GET /some/folder/", "")))).toEqual(
      [],
    );
    expect(lab.complaints).toEqual([]);
  });

  test("works without any network, once it is there", async () => {
    const page = await lab.open();
    await page.context().setOffline(true);
    await page.getByLabel("Example").selectOption("A clean mail");
    await settled(page, "1 session, 0 with findings");
    await drop(page, [{ name: "hello.md", bytes: bytes(HELLO) }]);
    await settled(page, "2 sessions, 1 with findings");
  });

  test("lets nothing out: not the page", async () => {
    const page = await lab.open();
    const asked = lab.asked.length;
    expect(
      await page.evaluate(
        `(${WAYS_OUT})(${JSON.stringify(origin)}, ${JSON.stringify(new URL(lab.url).origin)})`,
      ),
    ).toEqual({
      fetch: "refused",
      own: "refused",
      xhr: "refused",
      socket: "refused",
      events: "refused",
      beacon: "asked for",
      image: "refused",
      ownImage: "refused",
      script: "refused",
      style: "refused",
    });
    // Whoever comes last has been let through if anybody has: a request that is allowed.
    await fetch(`${origin}/last`);
    expect(heard.splice(0)).toEqual(["/last"]);
    expect(lab.asked.slice(asked)).toEqual([]);
  });

  test("lets nothing out: not its worker, which has no address of its own", async () => {
    const page = await lab.open();
    const [worker] = page.workers();
    expect(worker?.url()).toMatch(/^blob:/);
    expect(
      await worker?.evaluate(
        `(${WAYS_OUT})(${JSON.stringify(origin)}, ${JSON.stringify(new URL(lab.url).origin)})`,
      ),
    ).toEqual({
      fetch: "refused",
      own: "refused",
      xhr: "refused",
      socket: "refused",
      events: "refused",
      script: "refused",
    });
    await fetch(`${origin}/last`);
    expect(heard.splice(0)).toEqual(["/last"]);
  });

  test("shows markup and script from the wire as text", async () => {
    const page = await lab.open();
    const evil = `<img src=x onerror="globalThis.hit=1"><script>globalThis.hit=2</script>`;
    const transcript = `# ${evil}

\`\`\`smtp
S: 220 mx.example ${evil}
C: EHLO ${evil}
S: 250 ${evil}
C: X${evil}
S: 250 ok
C: MAIL FROM:<a@b.example>
S: 250 ok
C: RCPT TO:<${evil}@b.example>
S: 250 ok
C: DATA
S: 354 ${evil}
C: Subject: ${evil}
C:
C: ${evil}\\x1b[31m\\xe2\\x80\\xae
C: .
S: 250 ok
\`\`\`
`;
    await drop(page, [
      { name: `${evil}.md`, bytes: bytes(transcript) },
      { name: `\u202e\u{e0001}${evil}.pcap`, bytes: bytes("no capture") },
    ]);
    await settled(page, "1 session, 1 with findings; 1 file not read completely");
    await policy(page).fill(`{ "protections": { ${JSON.stringify(evil)}: "off" } }`);
    await page.locator("#policy-problems li.problem-error").waitFor();
    await page.getByRole("button", { name: "Compare with a second policy" }).click();
    await settled(page, "changed by the second policy");
    expect(await page.locator("main :is(img, script)").count()).toBe(0);
    expect(await page.evaluate("globalThis.hit")).toBeUndefined();
    expect(await page.locator(".session-turns").first().innerText()).toContain(`EHLO ${evil}`);
    expect(await page.locator(".list").innerText()).toContain(`Session 0 ${evil}`.slice(0, 60));
    expect(await page.locator("#policy-problems").innerText()).toContain("<img src=x onerror=");
    // What turns text around or hides it is shown as an escape.
    expect(await page.locator("main").innerText()).not.toMatch(/[\u202a-\u202e]|\p{Cc}(?<!\n)/u);
    expect(await page.getByRole("region", { name: "Files" }).innerText()).toContain(
      "\\u202e\\udb40\\udc01<img",
    );
    expect(lab.complaints.filter((line) => !line.includes("Content Security Policy"))).toEqual([]);
  });

  test("shows no credentials, wherever one looks and whatever one saves", async () => {
    const page = await lab.open();
    const dialogue =
      "S: 220 mx.example\nC: AUTH PLAIN AHRlc3RlcgBwYXNzd29yZC1pcw==\nS: 235 ok AHRlc3RlcgBwYXNzd29yZC1pcw==\n";
    await drop(page, [{ name: "auth.md", bytes: bytes(`\`\`\`smtp\n${dialogue}\`\`\`\n`) }]);
    await settled(page, "1 session, 0 with findings");
    await page.getByText("AUTH PLAIN ***").first().waitFor();
    const all = [await page.content()];
    for (const button of ["Save HTML", "Save JSON", "Save anonymised test case"]) {
      all.push((await saved(page, () => page.getByRole("button", { name: button }).click())).text);
    }
    expect(all.map((text) => /AHRlc3Rl|password-is|tester/.test(text))).toEqual([false, false, false, false]);
  });
});
