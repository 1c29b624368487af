/** source_abuse in a real Envoy: its workers share what they know of a source, which the PROXY protocol names. */
import { describe, expect, test } from "vitest";
import { waitFor } from "../../peers/net.js";
import { alertsIn } from "../../workbench/events.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { arrive, sourceSite, type SourceSite } from "../support/source-envoy.js";

const binary = await envoyOrNull("source_abuse in Envoy");

const REFUSAL = "421 4.7.0 source_abuse: connection closed by policy";
const HARVESTER = "198.51.100.7";

/** Tries names on a connection of its own, and hangs up. */
async function harvest({ port }: SourceSite, names: number): Promise<void> {
  const client = await arrive(port, HARVESTER);
  expect(await client.reply()).toBe("220 mx ESMTP");
  for (let i = 0; i < names; i++) expect(await client.ask(`RCPT TO:<name${i}@mx.example>`)).toMatch(/^550 /);
  expect(await client.ask("QUIT")).toBe("250 ok");
  client.destroy();
}

/** What a connection from `address` gets first. */
async function greeting({ port }: SourceSite, address: string): Promise<string> {
  const client = await arrive(port, address);
  const first = await client.reply();
  client.destroy();
  return first;
}

const stat = async ({ envoy }: SourceSite, name: string): Promise<number> =>
  (await envoy.stats()).get(`wasmcustom.smtp.sources.${name}`) ?? 0;

/** Connections that each of the two workers has had. */
async function perWorker({ envoy }: SourceSite): Promise<number[]> {
  const totals = [...(await envoy.stats())].filter(([name]) => /worker_\d\.downstream_cx_total$/.test(name));
  return totals.map(([, count]) => count);
}

describe.skipIf(binary === null)("source_abuse", () => {
  test("a harvester is refused by both workers, and forgiven after the duration", async () => {
    const site = await sourceSite(binary as string, { refused_recipients: 12, duration: 4 });
    // Who is open counts for the balance, so that each worker has one of two.
    const pair = [await arrive(site.port, HARVESTER), await arrive(site.port, HARVESTER)];
    for (const client of pair) {
      expect(await client.reply()).toBe("220 mx ESMTP");
      for (let i = 0; i < 6; i++) expect(await client.ask(`RCPT TO:<n${i}@mx.example>`)).toMatch(/^550 /);
    }
    expect(await perWorker(site)).toEqual([1, 1]);
    const again = [await arrive(site.port, HARVESTER), await arrive(site.port, HARVESTER)];
    for (const client of again) expect(await client.reply()).toBe(REFUSAL);
    expect(await perWorker(site)).toEqual([2, 2]);
    // What is open goes on, and others are none of it.
    for (const client of pair) expect(await client.ask("NOOP")).toBe("250 ok");
    expect(await greeting(site, "198.51.100.8")).toBe("220 mx ESMTP");
    await waitFor(async () => (await greeting(site, HARVESTER)) === "220 mx ESMTP", "it to be forgiven");
    const stats = ["recorded", "blocked", "forgotten", "contended"].map((each) =>
      stat(site, `sources_${each}`),
    );
    expect(await Promise.all(stats)).toEqual([1, 1, 0, 0]);
  });

  test("two workers that write at once lose nothing", async () => {
    const site = await sourceSite(binary as string, { refused_recipients: 400, duration: 60 });
    // The first write of a value is not protected.
    await harvest(site, 25);
    await Promise.all(Array.from({ length: 15 }, () => harvest(site, 25)));
    await waitFor(
      async () => (await stat(site, "sources_blocked")) === 1,
      "the 400th recipient to be counted",
    );
    expect(await greeting(site, HARVESTER)).toBe(REFUSAL);
  });

  test("a source over the line is sent to the quarantine cluster, where nothing is judged", async () => {
    const site = await sourceSite(binary as string, { refused_recipients: 2, quarantine_cluster: "tarpit" });
    await harvest(site, 2);
    const client = await arrive(site.port, HARVESTER);
    expect(await client.reply()).toBe("220 tarpit ESMTP");
    expect(await client.ask("XADR")).toBe("250 how nice");
    expect([site.server.connections, site.tarpit.connections]).toEqual([1, 1]);
    expect(site.tarpit.heard).toEqual(["XADR"]);
    const [event] = site.envoy.wasmLogs.slice(-1).map(({ message }) => JSON.parse(message) as object);
    expect(event).toMatchObject({
      src_ip: HARVESTER,
      protection: "source_abuse",
      reason: "refused_recipients",
      mode: "prevent",
      action: "quarantine",
    });
    expect(await greeting(site, "198.51.100.8")).toBe("220 mx ESMTP");
  });

  test("a shadow remembers what both workers saw, where the policy has it off", async () => {
    const shadow = { protections: { source_abuse: { mode: "prevent", refused_recipients: 4 } } };
    const site = await sourceSite(binary as string, { mode: "off" }, { shadow });
    const pair = [await arrive(site.port, HARVESTER), await arrive(site.port, HARVESTER)];
    for (const client of pair) {
      expect(await client.reply()).toBe("220 mx ESMTP");
      for (let i = 0; i < 2; i++) expect(await client.ask(`RCPT TO:<n${i}@mx.example>`)).toMatch(/^550 /);
    }
    expect(await perWorker(site)).toEqual([1, 1]);
    for (let i = 0; i < 2; i++) expect(await greeting(site, HARVESTER)).toBe("220 mx ESMTP");
    const events = (): object[] =>
      alertsIn(site.envoy.wasmLogs).filter(({ protection }) => protection === "source_abuse");
    await waitFor(() => events().length === 2, "both to be judged");
    const judged = { shadow: true, reason: "refused_recipients", action: "terminate", reply: "421 4.7.0" };
    expect(events()).toMatchObject([judged, judged]);
    const counts = ["sources_recorded", "sources_blocked", "shadow.sources_blocked"];
    expect(await Promise.all(counts.map((name) => stat(site, name)))).toEqual([1, 0, 1]);
  });

  test("a quarantine cluster that is not there closes the connection", async () => {
    const site = await sourceSite(binary as string, { refused_recipients: 1, quarantine_cluster: "no_such" });
    await harvest(site, 1);
    const client = await arrive(site.port, HARVESTER);
    await waitFor(() => client.ended, "the end");
    expect([client.transcript, site.server.connections]).toEqual(["", 1]);
  });
});
