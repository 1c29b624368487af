/** The measurements as a picture: a bar up to each median, a line from least to most, a mark at the limit. */
import type { Measurement } from "./result.js";
import { spread } from "./statistics.js";
import { isMet, number } from "./table.js";

const WIDTH = 960;
const LABELS = 380;
const FIGURES = 110;
const ROW = 20;
const TITLE = 40;
const LEFT = LABELS + 10;
const SPAN = WIDTH - LEFT - FIGURES;
/** Above this ratio of largest to smallest a panel's scale is logarithmic. */
const MOST_LINEAR = 30;

const COLOURS = { fine: "#4878a8", missed: "#c04f4f", spread: "#1a2a3a", bar: "#2e8b57", grid: "#d8dde2" };

/** Rows of one group and unit: they share a scale. */
interface Panel {
  readonly title: string;
  readonly rows: readonly Measurement[];
}

/** An SVG document. Counts of instructions have no spread and are left to the table. */
export function picture(measurements: readonly Measurement[]): string {
  const parts: string[] = [];
  let y = 10;
  for (const panel of panels(measurements)) {
    parts.push(drawPanel(panel, y));
    y += TITLE + panel.rows.length * ROW + 16;
  }
  const style = `<style>text{font:12px sans-serif;fill:#222}.title{font-weight:bold;font-size:13px}</style>`;
  const paper = `<rect width="${WIDTH}" height="${y}" fill="#fff"/>`;
  const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" role="img">`;
  return [open, `<title>Benchmark</title>`, style, paper, ...parts, "</svg>", ""].join("\n");
}

function panels(measurements: readonly Measurement[]): Panel[] {
  const byTitle = new Map<string, Measurement[]>();
  for (const each of measurements) {
    if (each.samples.length < 2) continue;
    const title = `${each.group}, ${each.unit}`;
    byTitle.set(title, [...(byTitle.get(title) ?? []), each]);
  }
  return [...byTitle].map(([title, rows]) => ({ title, rows }));
}

/** The place of a value, in pixels from the left of the picture. */
type Scale = (value: number) => number;

function scaleOf(rows: readonly Measurement[]): { scale: Scale; ticks: number[]; kind: string } {
  const values = rows.flatMap(({ samples, most, least }) => [...samples, most ?? NaN, least ?? NaN]);
  const sound = values.filter((value) => value > 0);
  const largest = Math.max(...sound, Number.MIN_VALUE);
  const smallest = Math.min(...sound, largest);
  if (largest / smallest <= MOST_LINEAR) {
    const step = 10 ** Math.floor(Math.log10(largest)) / 2;
    const ticks = Array.from({ length: Math.floor(largest / step) + 1 }, (_, i) => i * step);
    return { scale: (value) => LEFT + (Math.max(value, 0) / largest) * SPAN, ticks, kind: "" };
  }
  const low = Math.floor(Math.log10(smallest));
  const decades = Math.max(Math.log10(largest) - low, 1);
  const ticks = Array.from({ length: Math.floor(decades) + 1 }, (_, i) => 10 ** (low + i));
  const scale: Scale = (value) =>
    LEFT + (Math.max(Math.log10(Math.max(value, 10 ** low)) - low, 0) / decades) * SPAN;
  return { scale, ticks, kind: ", logarithmic" };
}

function drawPanel({ title, rows }: Panel, top: number): string {
  const { scale, ticks, kind } = scaleOf(rows);
  const first = top + TITLE;
  const parts = [`<text class="title" x="10" y="${top + 16}">${escape(title + kind)}</text>`];
  for (const tick of ticks) {
    const x = at(scale(tick));
    parts.push(`<path d="M${x} ${first - 6}V${first + rows.length * ROW}" stroke="${COLOURS.grid}"/>`);
    parts.push(`<text x="${x}" y="${first - 10}" text-anchor="middle">${number(tick)}</text>`);
  }
  rows.forEach((row, index) => parts.push(drawRow(row, scale, first + index * ROW)));
  return parts.join("\n");
}

function drawRow(row: Measurement, scale: Scale, y: number): string {
  const { least, median, most } = spread(row.samples);
  const middle = y + ROW / 2;
  const fill = isMet(row) ? COLOURS.fine : COLOURS.missed;
  const limits = [row.most, row.least].filter((limit) => limit !== undefined);
  return [
    `<text x="${LABELS}" y="${middle + 4}" text-anchor="end">${escape(shortened(row.name))}</text>`,
    `<rect x="${LEFT}" y="${y + 4}" width="${at(scale(median) - LEFT)}" height="${ROW - 8}" fill="${fill}"/>`,
    `<path d="M${at(scale(least))} ${middle}H${at(scale(most))}" stroke="${COLOURS.spread}" stroke-width="2"/>`,
    ...limits.map((limit) => {
      return `<path d="M${at(scale(limit))} ${y + 1}V${y + ROW - 1}" stroke="${COLOURS.bar}" stroke-width="3"/>`;
    }),
    `<text x="${LEFT + SPAN + 8}" y="${middle + 4}">${number(median)}</text>`,
  ].join("\n");
}

const at = (pixels: number): string => pixels.toFixed(1);

/** As many characters as fit left of the bars. */
const LONGEST = 60;
const shortened = (name: string): string => (name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name);

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
