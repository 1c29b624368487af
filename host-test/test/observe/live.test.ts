/** Real Prometheus, real Envoy, real load: every query of dashboard and alerts gives data, and hostile words are in no label. */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { TOP_SOURCES } from "../../dashboard/dashboard.js";
import { ROWS } from "../../dashboard/panels.js";
import { PAGES } from "../../pages/generated-pages.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { waitFor } from "../../peers/net.js";
import { HOSTILE, Load } from "./load.js";
import { hasPrometheus, PrometheusProcess, type Series } from "./prometheus.js";
import { filledIn } from "./queries.js";
import { alerts, comparedBy } from "./rules.js";

const SCRAPE_MS = 500;
const PATIENCE_MS = 20_000;
const INTERVAL = "10s";
const RANGE = "5m";

const binary = await envoyOrNull("dashboard and alerts on a real load");
const isThere = hasPrometheus("dashboard and alerts on a real load") && binary !== null;

let load: Load;
let prometheus: PrometheusProcess;

beforeAll(async () => {
  if (!isThere) return;
  load = await Load.start(binary as string);
  prometheus = await PrometheusProcess.start(load.envoy.adminPort, SCRAPE_MS);
  load.run();
}, PATIENCE_MS);
afterAll(async () => {
  await prometheus?.stop();
  await load?.stop();
}, PATIENCE_MS);

/** What the query gives as soon as it has a number. @throws Error when it stays empty */
async function answer(expr: string): Promise<Series[]> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const series = await prometheus.query(filledIn(expr, INTERVAL, RANGE));
    if (series.some(({ values }) => values.some(([, value]) => Number.isFinite(value)))) return series;
    if (Date.now() > deadline) throw new Error(`no data: ${expr}`);
    await pause(SCRAPE_MS);
  }
}

const VERBS =
  "EHLO HELO LHLO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY EXPN HELP AUTH STARTTLS greeting end_of_data other";
/** All values that a label may have. */
const VALUES: Record<string, readonly string[]> = {
  smtp_prefix: ["mail_in", "submissions"],
  smtp_protection: PAGES.map(({ id }) => id),
  smtp_reason: PAGES.flatMap(({ reasons }) => reasons.map(({ id }) => id)),
  smtp_action: ["detect", "normalize", "strip", "reject", "terminate"],
  smtp_outcome:
    "quit client_closed server_closed terminated timed_out over_memory accepted refused aborted success failure".split(
      " ",
    ),
  smtp_verb: VERBS.split(" "),
  smtp_class: ["2xx", "3xx", "4xx", "5xx"],
  smtp_side: ["client", "server"],
};

const PANELS = ROWS.flatMap(({ panels }) => panels);

describe.skipIf(!isThere)("on a real load", () => {
  test.each(PANELS.flatMap(({ title, queries }) => queries.map(({ expr, legend }) => [title, legend, expr])))(
    "%s: %s has data, and the labels of its legend",
    async (_title, legend, expr) => {
      const labels = [...(legend ?? "").matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label as string);
      for (const series of await answer(expr ?? ""))
        expect(Object.keys(series.labels)).toEqual(expect.arrayContaining(labels));
    },
    PATIENCE_MS,
  );

  test.each(alerts().flatMap((each) => comparedBy(each).map((part) => [each.alert, part])))(
    "%s compares what has data: %s",
    async (_name, part) => {
      expect((await answer(part ?? "")).length).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );

  test("nothing that a client says gets into a name or a label", async () => {
    await waitFor(() => load.hostile >= 3 * HOSTILE.length, "three hostile sessions of each kind to end");
    const scraped = await load.envoy.admin("/stats/prometheus");
    expect(scraped).not.toMatch(/forged|evil|jndi/i);
    for (const line of scraped.split("\n").filter((each) => each.startsWith("smtp_")))
      expect(line).toMatch(/^smtp_[a-z_]+\{(?:[a-z_]+="[\w.+]*",?)*\} \d+(?:\.\d+)?$/);
    const seen = new Map<string, Set<string>>();
    for (const labels of await prometheus.series("smtp_.+")) {
      for (const [label, value] of Object.entries(labels)) {
        if (!seen.has(label)) seen.set(label, new Set());
        seen.get(label)?.add(value);
      }
    }
    expect([...seen.keys()].sort()).toEqual(
      ["__name__", ...Object.keys(VALUES), "instance", "job", "le"].sort(),
    );
    for (const [label, known] of Object.entries(VALUES)) {
      const unknown = [...(seen.get(label) ?? [])].filter((value) => !known.includes(value));
      expect(unknown, label).toEqual([]);
    }
  });

  test("the line for the top sources gives them", async () => {
    const folder = await mkdtemp(join(tmpdir(), "observe-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, "envoy.log"), load.envoy.logs.join("\n"));
    const { stdout, stderr } = spawnSync("sh", ["-c", TOP_SOURCES], { cwd: folder, encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^ *[1-9]\d* 127\.0\.0\.1\n$/);
  });

  test("every alert is evaluated without an error, and a certificate of two days fires", async () => {
    await waitFor(
      async () => (await prometheus.rules()).every(({ health }) => health === "ok"),
      "all alerts to be evaluated",
    );
    const rules = await prometheus.rules();
    expect(rules.map(({ name }) => name)).toEqual(alerts().map(({ alert }) => alert));
    const states = Object.fromEntries(rules.map(({ name, state }) => [name, state]));
    expect(states).toMatchObject({
      SmtpCertificateEnds: "firing",
      SmtpInspectorReloaded: "inactive",
      SmtpInspectorNotInPath: "inactive",
      SmtpInspectorRefuses: "inactive",
      SmtpInspectorMemoryNear: "inactive",
    });
  });
});
