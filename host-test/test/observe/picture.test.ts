/**
 * The picture of the dashboard's main panels that README shows, drawn in Chromium from a real Prometheus. To take it again:
 * SMTP_INSPECTOR_SCREENSHOTS=1 npx vitest run host-test/test/observe/picture.test.ts
 */
import { readFileSync, statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { Panel } from "../../dashboard/parts.js";
import { ROWS } from "../../dashboard/panels.js";
import { type Drawn, picture } from "../../dashboard/picture.js";
import { browserPath, launchBrowser } from "../support/browser.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { Load } from "./load.js";
import { hasPrometheus, PrometheusProcess } from "./prometheus.js";
import { filledIn } from "./queries.js";

const FILE = fileURLToPath(new URL("../../../envoy/grafana/dashboard.png", import.meta.url));
const LARGEST = 150_000;
const TITLES = [
  "Findings by protection",
  "Prevented, live and shadow",
  "Sessions by outcome",
  "Replies by class",
  "Reply time by verb, 95 %",
  "TLS share",
];
const TAKEN = process.env["SMTP_INSPECTOR_SCREENSHOTS"] === "1";
/** Seconds of load: enough for a picture, or for a line. */
const SECONDS = TAKEN ? 110 : 8;
const WHAT = "the picture of the dashboard";

const binary = await envoyOrNull(WHAT);
const isThere = hasPrometheus(WHAT) && binary !== null && browserPath() !== null;

/** A load that comes and goes, with a burst of rejected commands. @returns when it began and ended, seconds since 1970 */
async function loaded(load: Load): Promise<[start: number, end: number]> {
  const start = Date.now() / 1000;
  for (let past = 0; past < SECONDS; past = Date.now() / 1000 - start) {
    const part = past / SECONDS;
    await load.round(part > 0.55 && part < 0.7 ? 15 : 0);
    // The pace of the picture; nothing waits for it.
    await pause(600 + 500 * Math.cos(part * 2 * Math.PI));
  }
  return [start + SECONDS / 10, Date.now() / 1000];
}

async function drawn(prometheus: PrometheusProcess, panel: Panel, times: [number, number]): Promise<Drawn> {
  const answers = panel.queries.map(async ({ expr, legend }) => {
    const series = await prometheus.queryRange(filledIn(expr, "10s", "5m"), ...times, SECONDS / 80);
    return series.map(({ labels, values }) => {
      return {
        name: legend.replace(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? ""),
        points: values,
      };
    });
  });
  return { panel, lines: (await Promise.all(answers)).flat() };
}

test.skipIf(!isThere)(
  "it can be drawn from a real load, and is in README",
  async () => {
    const load = await Load.start(binary as string);
    onTestFinished(() => load.stop());
    const prometheus = await PrometheusProcess.start(load.envoy.adminPort, 500);
    onTestFinished(() => prometheus.stop());
    const times = await loaded(load);
    const panels = ROWS.flatMap((row) => row.panels).filter(({ title }) => TITLES.includes(title));
    expect(panels.map(({ title }) => title)).toEqual(TITLES);
    const svg = picture(await Promise.all(panels.map((panel) => drawn(prometheus, panel, times))));
    const browser = await launchBrowser();
    onTestFinished(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 960, height: 750 } });
    await page.setContent(`<body style="margin:0">${svg}</body>`);
    expect(await page.locator("svg .title").allTextContents()).toEqual(TITLES);
    expect(await page.locator("svg path[stroke-width]").count()).toBeGreaterThan(TITLES.length);
    if (TAKEN) await page.locator("svg").screenshot({ path: FILE });
    expect(statSync(FILE).size).toBeLessThan(LARGEST);
    const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
    expect(readme).toMatch(/!\[[^\]]{20,}\]\(envoy\/grafana\/dashboard\.png\)/);
  },
  240_000,
);
