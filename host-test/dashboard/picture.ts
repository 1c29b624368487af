/** Draws panels of the dashboard as an SVG, for README: Grafana is not needed for it. */
import type { Panel } from "./parts.js";

/** A panel with what its queries gave. */
export interface Drawn {
  readonly panel: Panel;
  readonly lines: readonly Line[];
}

export interface Line {
  readonly name: string;
  /** Seconds since 1970 and value, in order of time. */
  readonly points: readonly (readonly [time: number, value: number])[];
}

/** Pixels. */
const COLUMN = 480;
const PANEL_HEIGHT = 250;
const PLOT = { left: 84, top: 34, width: COLUMN - 108, height: 136 };
const LEGEND_TOP = PLOT.top + PLOT.height + 34;
const LEGEND_ROW = 16;
const LEGEND_ROWS = 3;
/** Of an average character of the legend. */
const CHARACTER = 7.2;

const COLOURS = [
  "#4878a8",
  "#d98032",
  "#4f9d5d",
  "#c04f4f",
  "#8b6bb1",
  "#8a6a4f",
  "#c86fa6",
  "#6d7780",
  "#a8a03a",
  "#3aa3b0",
];
const GRID = "#e1e5ea";

/** An SVG document of two columns. @throws Error when a panel has nothing to draw */
export function picture(panels: readonly Drawn[]): string {
  const height = Math.ceil(panels.length / 2) * PANEL_HEIGHT;
  const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${2 * COLUMN}" height="${height}" viewBox="0 0 ${2 * COLUMN} ${height}">`;
  const style = "<style>text{font:12px sans-serif;fill:#333}.title{font-weight:bold;font-size:13px}</style>";
  const drawn = panels.map((each, index) => {
    const [x, y] = [(index % 2) * COLUMN, Math.floor(index / 2) * PANEL_HEIGHT];
    return `<g transform="translate(${x} ${y})">${drawPanel(each)}</g>`;
  });
  return [open, style, `<rect width="100%" height="100%" fill="#fff"/>`, ...drawn, "</svg>", ""].join("\n");
}

/** The lines as they are drawn: those of a stack each on top of the ones before. */
function stacked({ panel, lines }: Drawn): Line[] {
  if (panel.stacked !== true) return [...lines];
  const below = new Map<number, number>();
  return lines.map(({ name, points }) => {
    const raised = points.map(([time, value]): [number, number] => {
      const sum = (below.get(time) ?? 0) + value;
      below.set(time, sum);
      return [time, sum];
    });
    return { name, points: raised };
  });
}

/** The largest first, so that the legend names what matters. */
function bySize(lines: readonly Line[]): Line[] {
  const size = ({ points }: Line): number =>
    points.reduce((sum, [, value]) => sum + (Number.isFinite(value) ? value : 0), 0);
  return [...lines].sort((a, b) => size(b) - size(a));
}

function drawPanel(drawn: Drawn): string {
  const lines = stacked({ ...drawn, lines: bySize(drawn.lines) });
  const points = lines.flatMap((line) => line.points).filter(([, value]) => Number.isFinite(value));
  if (points.length === 0) throw new Error(`nothing to draw: ${drawn.panel.title}`);
  const [first, last] = [
    Math.min(...points.map(([time]) => time)),
    Math.max(...points.map(([time]) => time)),
  ];
  const top = roundUp(Math.max(...points.map(([, value]) => value)));
  const x = (time: number): number => PLOT.left + ((time - first) / Math.max(last - first, 1)) * PLOT.width;
  const y = (value: number): number => PLOT.top + PLOT.height - (value / top) * PLOT.height;
  return [
    `<text class="title" x="14" y="20">${escape(drawn.panel.title)}</text>`,
    ...grid(drawn.panel, top, y),
    ...times(first, last, x),
    // The highest of a stack first, so that the others cover what is below them.
    ...lines.map((line, index) => path(line, index, drawn.panel, x, y)).reverse(),
    ...legend(lines),
  ].join("\n");
}

type Scale = (value: number) => number;

function path({ points }: Line, index: number, panel: Panel, x: Scale, y: Scale): string {
  const colour = COLOURS[index % COLOURS.length];
  const way = points
    .filter(([, value]) => Number.isFinite(value))
    .map(([time, value]) => `${x(time).toFixed(1)} ${y(value).toFixed(1)}`);
  if (way.length === 0) return "";
  const line = `<path d="M${way.join("L")}" fill="none" stroke="${colour}" stroke-width="1.8"/>`;
  if (panel.stacked !== true) return line;
  const [start, end] = [way[0]?.split(" ")[0], way.at(-1)?.split(" ")[0]];
  const area = `M${start} ${y(0)}L${way.join("L")}L${end} ${y(0)}Z`;
  // White below the colour, else the areas of a stack would shine through each other.
  return `<path d="${area}" fill="#fff"/><path d="${area}" fill="${colour}" fill-opacity="0.45"/>${line}`;
}

function grid(panel: Panel, top: number, y: Scale): string[] {
  return [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const at = y(part * top).toFixed(1);
    const name = `<text x="${PLOT.left - 6}" y="${Number(at) + 4}" text-anchor="end">${inUnit(part * top, panel.unit)}</text>`;
    return `<path d="M${PLOT.left} ${at}h${PLOT.width}" stroke="${GRID}"/>${name}`;
  });
}

function times(first: number, last: number, x: Scale): string[] {
  const y = PLOT.top + PLOT.height + 16;
  return [0, 0.5, 1].map((part) => {
    const time = first + part * (last - first);
    return `<text x="${x(time).toFixed(1)}" y="${y}" text-anchor="middle">${Math.round(time - first)} s</text>`;
  });
}

/** Names with their colours, as many as fit. */
function legend(lines: readonly Line[]): string[] {
  const parts: string[] = [];
  let [x, row] = [PLOT.left, 0];
  for (const [index, { name }] of lines.entries()) {
    const width = 16 + name.length * CHARACTER + 12;
    if (x + width > COLUMN - 10 && x > PLOT.left) [x, row] = [PLOT.left, row + 1];
    if (row >= LEGEND_ROWS) break;
    const y = LEGEND_TOP + row * LEGEND_ROW;
    const colour = COLOURS[index % COLOURS.length];
    parts.push(`<rect x="${x}" y="${y - 9}" width="10" height="10" fill="${colour}"/>`);
    parts.push(`<text x="${x + 15}" y="${y}">${escape(name)}</text>`);
    x += width;
  }
  return parts;
}

/** The next of 1, 2, 4, 5 or 10 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-3)));
  return power * ([1, 2, 4, 5, 10].find((step) => step * power >= value) ?? 10);
}

function inUnit(value: number, unit: Panel["unit"]): string {
  if (unit === "percentunit") return `${Number((value * 100).toPrecision(3))} %`;
  const number = Number(value.toPrecision(3)).toLocaleString("en-US");
  return { cpm: `${number}/min`, ms: `${number} ms`, bytes: `${number} B`, short: number, d: `${number} d` }[
    unit
  ];
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
