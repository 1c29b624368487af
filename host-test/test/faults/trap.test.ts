/** A mistake in the filter: a trap while mail flows, under each of Envoy's failure policies. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { EnvoyListener } from "../../host/envoy-bootstrap.js";
import { waitFor } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { buildProbe } from "../support/probe.js";
import { FaultLab, type LabOptions, WASM } from "./lab.js";

const binary = await envoyOrNull("faults: traps");
const wasm = binary === null ? "" : await buildProbe("trap");

const SERVERS = "500 unknown here";
const FILTERS = "502 5.5.1 private_command: rejected by policy";

/** What XADR gets on a new connection; "closed" when the connection ends instead. */
async function whoAnswers(lab: FaultLab): Promise<string> {
  const client = await RawClient.connect(lab.port);
  onTestFinished(() => client.destroy());
  try {
    await client.reply();
    await client.ask("EHLO client.example.org");
    return await client.ask("XADR");
  } catch {
    return "closed";
  } finally {
    client.destroy();
  }
}

/** Each makes Envoy load the filter anew. */
const CHANGES: [string, Partial<EnvoyListener>][] = [
  ["the policy", { policy: '{"stat_prefix":"faults","limits":{"held_bytes":4096}}' }],
  ["the module", { wasm: WASM }],
];

interface Trapped {
  lab: FaultLab;
  traffic: ReturnType<FaultLab["traffic"]>;
  /** What the client that sent XTRAP got, and what one got that was in the middle of a session. */
  got: [string, string];
}

/** Traffic flows, and then one client makes the filter trap. */
async function trapped(failurePolicy: NonNullable<LabOptions["failurePolicy"]>): Promise<Trapped> {
  const lab = await FaultLab.start({ binary: binary as string, wasm, failurePolicy });
  const traffic = lab.traffic();
  await traffic.more(20);
  expect(await whoAnswers(lab)).toBe(FILTERS);
  const [culprit, bystander] = [await RawClient.connect(lab.port), await RawClient.connect(lab.port)];
  for (const client of [culprit, bystander]) {
    onTestFinished(() => client.destroy());
    await client.reply();
    await client.ask("EHLO client.example.org");
  }
  const ask = (client: RawClient, line: string): Promise<string> => client.ask(line).catch(() => "closed");
  const got: [string, string] = [await ask(culprit, "XTRAP"), await ask(bystander, "NOOP")];
  expect(lab.errors.join("\n")).toContain("Uncaught RuntimeError: unreachable");
  return { lab, traffic, got };
}

describe.skipIf(binary === null)("a trap: no mail is lost or doubled", () => {
  test("FAIL_RELOAD: mail is served and inspected again by itself", async () => {
    const { lab, traffic, got } = await trapped("FAIL_RELOAD");
    expect(got).toEqual(["closed", "closed"]);
    await traffic.more(20);
    expect(await whoAnswers(lab)).toBe(FILTERS);
    expect(await lab.stat("wasm.smtp_inspector.vm_reload_success")).toBe(1);
    await lab.settle(traffic);
    expect(traffic.cut).toBeGreaterThan(0);
  });

  test.each(CHANGES)("FAIL_CLOSED: no connection is served until %s changes", async (_what, change) => {
    const { lab, traffic, got } = await trapped("FAIL_CLOSED");
    expect(got).toEqual(["closed", "closed"]);
    const [before, cut] = [lab.server.kept.length, traffic.cut];
    await waitFor(() => traffic.cut >= cut + 50, "clients to be turned away");
    expect(lab.server.kept.length - before).toBe(0);
    expect(await whoAnswers(lab)).toBe("closed");
    expect(await lab.update(change)).toBe(true);
    await expect.poll(() => whoAnswers(lab), { timeout: 15_000 }).toBe(FILTERS);
    await traffic.more(20);
    await lab.settle(traffic);
  });

  test.each(CHANGES)("FAIL_OPEN: nothing is inspected until %s changes", async (_what, change) => {
    const { lab, traffic, got } = await trapped("FAIL_OPEN");
    expect(got).toEqual(["closed", "closed"]);
    await traffic.more(20);
    expect(await whoAnswers(lab)).toBe(SERVERS);
    expect(await lab.update(change)).toBe(true);
    await expect.poll(() => whoAnswers(lab), { timeout: 15_000 }).toBe(FILTERS);
    await lab.settle(traffic);
  });
});
