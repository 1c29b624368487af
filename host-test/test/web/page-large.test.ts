/** The page in Chromium with a capture of 80 MB: it stays responsive, and stops when asked. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserPath } from "../support/browser.js";
import { PageLab, settled } from "../support/page.js";
import { ipv4, pcap, RAW, type Sent } from "../workbench/streams.js";
import { focused } from "../support/senses.js";
import { sessions } from "./inputs.js";

const PCAP_HEADER = 24;
const RECORD_HEADER = 16;
const IP_HEADER = 20;
const COPIES = 800;

/** A session with a message of 96 kB, as a whole capture; and where the client's port stands in it. */
function session(command: string): { bytes: Uint8Array; ports: number[] } {
  const sent: Sent[] = [
    { from: "client", seq: 99, flags: 2 },
    { from: "server", seq: 499, ack: 100, flags: 18 },
  ];
  const at = { client: 100, server: 500 };
  const say = (from: "client" | "server", text: string): void => {
    sent.push({ from, seq: at[from], ack: at[from === "client" ? "server" : "client"], text });
    at[from] += text.length;
  };
  say("server", "220 mx.example ESMTP\r\n");
  for (const line of ["EHLO client.example", command, "MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>"]) {
    say("client", `${line}\r\n`);
    say("server", "250 ok\r\n");
  }
  say("client", "DATA\r\n");
  say("server", "354 go\r\n");
  const line = `${"The quick brown fox jumps over the lazy dog. ".repeat(2).slice(0, 70)}\r\n`;
  for (let segments = 0; segments < 70; segments++) say("client", line.repeat(19));
  say("client", ".\r\n");
  say("server", "250 queued\r\n");
  sent.push({ from: "client", seq: at.client, ack: at.server, flags: 17 });
  sent.push({ from: "server", seq: at.server, ack: at.client + 1, flags: 17 });
  const frames = sent.map(ipv4);
  const ports: number[] = [];
  let offset = PCAP_HEADER;
  for (const [index, { from }] of sent.entries()) {
    ports.push(offset + RECORD_HEADER + IP_HEADER + (from === "client" ? 0 : 2));
    offset += RECORD_HEADER + (frames[index] as number[]).length;
  }
  return { bytes: pcap(RAW, frames), ports };
}

/** Many sessions that find nothing, one that does. */
function largeCapture(): Uint8Array {
  const [plain, found] = [session("NOOP"), session("XADR")];
  const body = plain.bytes.length - PCAP_HEADER;
  const whole = new Uint8Array(found.bytes.length + COPIES * body);
  const view = new DataView(whole.buffer);
  whole.set(found.bytes);
  for (let copy = 0; copy < COPIES; copy++) {
    const start = found.bytes.length + copy * body;
    whole.set(plain.bytes.subarray(PCAP_HEADER), start);
    for (const port of plain.ports) view.setUint16(start + port - PCAP_HEADER, 1024 + copy);
  }
  return whole;
}

describe.skipIf(browserPath() === null)("a large capture", () => {
  let lab: PageLab;
  let folder: string;
  let file: string;
  beforeAll(async () => {
    lab = await PageLab.start();
    folder = mkdtempSync(join(tmpdir(), "smtp-inspector-large-"));
    file = join(folder, "large.pcap");
    writeFileSync(file, largeCapture());
  });
  afterAll(async () => {
    await lab.stop();
    rmSync(folder, { recursive: true });
  });

  test("leaves the page free: it paints and answers while the worker judges", async () => {
    const page = await lab.open();
    await page.evaluate(() => {
      const counted = { frames: 0, blockedMs: 0, beganMs: performance.now() };
      Object.assign(globalThis, { counted });
      const frame = (): void => {
        counted.frames++;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) counted.blockedMs += duration;
      }).observe({ entryTypes: ["longtask"] });
    });
    await page.locator("#files").setInputFiles(file);
    await page.getByRole("progressbar", { name: "Replaying large.pcap" }).waitFor();
    // What was found first is shown while the rest is judged, and the page can be worked with.
    await page.getByText("private_command/private_verb").waitFor();
    const [listed, running] = await page.evaluate(async () => {
      const show = document.querySelector(".list select") as HTMLSelectElement;
      show.value = "findings";
      show.dispatchEvent(new Event("change", { bubbles: true }));
      await new Promise(requestAnimationFrame);
      return [
        document.querySelectorAll(".list [role=option]").length,
        document.querySelectorAll("progress").length,
      ];
    });
    expect([listed, running]).toEqual([1, 1]);
    await settled(page, "801 sessions, 1 with findings");
    const { frames, blockedMs, beganMs, endedMs } = await page.evaluate(() => {
      const { counted } = globalThis as unknown as {
        counted: { frames: number; blockedMs: number; beganMs: number };
      };
      return { ...counted, endedMs: performance.now() };
    });
    expect(frames).toBeGreaterThan(20);
    // Judged in the page itself it would be nearly all of the time.
    expect(blockedMs).toBeLessThan((endedMs - beganMs) / 2);
    await page.getByLabel("Show").selectOption("all sessions");
    expect(await sessions(page).count()).toBe(200);
    const later = page.getByRole("button", { name: "Later" });
    await later.click();
    await page.getByText("201 to 400 of 801").waitFor();
    // The last page: the button has nothing more to do, and keeps the focus.
    for (const shown of ["401 to 600", "601 to 800", "801 to 801", "801 to 801"]) {
      expect(await focused(page)).toBe("button Later");
      await page.keyboard.press("Enter");
      await page.getByText(`${shown} of 801`).waitFor();
    }
    expect(await focused(page)).toBe("button Later");
    expect(await later.isDisabled()).toBe(true);
  });

  test("is left on stop, and is not played again by itself", async () => {
    const page = await lab.open();
    await page.locator("#files").setInputFiles(file);
    await page.getByRole("button", { name: "Stop" }).click();
    await settled(page, /^Stopped: \d+ sessions, 1 with findings$/);
    expect(await page.locator(".status").innerText()).not.toContain(" 801 sessions");
    expect(await focused(page)).toBe("button Replay");
    await page.getByLabel("Profile of the policy").selectOption("monitor");
    await page.getByText("changed since the last replay").waitFor();
    await page.getByRole("button", { name: "Replay" }).click();
    await page.locator(".session-verdict").filter({ hasText: "detected" }).waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await settled(page, /^Stopped: /);
  });

  test("gives way to what comes next", async () => {
    const page = await lab.open();
    await page.locator("#files").setInputFiles(file);
    await page.getByRole("progressbar").waitFor();
    await page.getByRole("button", { name: "Back to the dialogue" }).click();
    await settled(page, /^1 session, 1 with findings$/);
    await page.getByText("exchange_command/exchange_verb").waitFor();
    expect(await page.getByRole("progressbar").count()).toBe(0);
  });
});
