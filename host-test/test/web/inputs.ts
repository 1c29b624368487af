/** What the tests of the page give it, and where they look. */
import type { Locator, Page } from "playwright-core";
import { ipv4, pcap, RAW } from "../workbench/streams.js";

/** A transcript of two conversations. */
export const HELLO = `# One

\`\`\`smtp
S: 220 mx.example ESMTP
C: XADR
S: 250 ok
\`\`\`

# Two

\`\`\`smtp
S: 220 mx.example ESMTP
C: EHLO client.example
S: 250 mx.example
\`\`\`
`;

/** A capture: a session of one greeting and one command, then a packet that is cut short. */
export const DAMAGED = ((): Uint8Array => {
  const whole = pcap(RAW, [
    ipv4({ from: "client", seq: 99, flags: 2 }),
    ipv4({ from: "server", seq: 499, ack: 100, flags: 18 }),
    ipv4({ from: "server", seq: 500, ack: 100, text: "220 mx.example ready\r\n" }),
    ipv4({ from: "client", seq: 100, ack: 522, text: "XADR\r\n" }),
    ipv4({ from: "client", seq: 106, ack: 522, text: "NOOP\r\n" }),
  ]);
  return whole.subarray(0, whole.length - 3);
})();

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The lines of the sessions that are shown. */
export const lines = (page: Page): Promise<string[]> => page.locator(".session-turns code").allInnerTexts();

/** The policy's editor. */
export const policy = (page: Page): Locator => page.getByLabel("Policy as JSON", { exact: true });

/** The list of sessions. */
export const sessions = (page: Page): Locator =>
  page.getByRole("listbox", { name: "Sessions" }).getByRole("option");
