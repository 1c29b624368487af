/** Handshakes in a row: 10,000 with SMTP_INSPECTOR_FAULTS=long, else 300. Envoy's memory stays where it was. */
import { describe, expect, test } from "vitest";
import { waitFor } from "../../peers/net.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { Talk } from "./mail-peer.js";
import { SwitchLab } from "./switch-lab.js";

const binary = (await envoyOrNull("handshakes in a row")) as string;
const SESSIONS = process.env["SMTP_INSPECTOR_FAULTS"] === "long" ? 10_000 : 300;
/** Sessions before memory is measured: caches, the allocator and V8 have then what they keep. */
const WARM = 100;
/** Octets that a session may leave behind on average. A leaked record, scheduler and allocator's overhead are 64 at least. */
const LEFT_BEHIND = 32;
/** What the allocated memory goes up and down by, seen with sessions that never begin TLS. */
const NOISE = 300_000;

async function session(lab: SwitchLab, index: number): Promise<void> {
  const talk = await Talk.open(lab.port);
  try {
    await talk.askForTls();
    // Every tenth ends as it should not.
    if (index % 10 === 9) return void talk.client.send("no hello\r\n");
    await talk.encrypt({ rejectUnauthorized: false, maxVersion: index % 2 === 0 ? "TLSv1.2" : "TLSv1.3" });
    expect(await talk.client.ask("EHLO up")).toBe("250 ok EHLO inside");
  } finally {
    talk.destroy();
  }
}

/** Octets that Envoy has allocated, once no session is left on either side. */
async function allocated(lab: SwitchLab): Promise<number> {
  await lab.quiet();
  await waitFor(async () => (await lab.stat("cluster.smtp.upstream_cx_active")) === 0, "the server's side");
  return Number((JSON.parse(await lab.envoy.admin("/memory")) as { allocated: string }).allocated);
}

describe.skipIf(binary === null)("the switch", () => {
  test(`leaves nothing behind after ${SESSIONS} handshakes`, async () => {
    const lab = await SwitchLab.start({ binary, envoy: { wasmLogLevel: "error" } });
    for (let index = 0; index < WARM; index++) await session(lab, index);
    const before = await allocated(lab);
    for (let index = 0; index < SESSIONS; index++) await session(lab, index);
    lab.server.lines.length = 0;
    const left = (await allocated(lab)) - before;
    console.info(`${left} octets after ${SESSIONS} sessions`);
    expect(left).toBeLessThan(NOISE + LEFT_BEHIND * SESSIONS);
    expect(await lab.stat("listener.127.0.0.1_0.ssl.handshake")).toBe(0.9 * (WARM + SESSIONS));
    expect(lab.switchLogs()).toHaveLength(2);
  }, 1_200_000);
});
