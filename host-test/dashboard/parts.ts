/** Panels and their queries, apart from Grafana: tests run every query, and the picture in README is drawn from it. */

export interface Query {
  /** PromQL with Grafana's variables: `$instance`, `$prefix`, `$__rate_interval` and, in tables, `$__range`. */
  readonly expr: string;
  /** Name of a line, with `{{label}}` for the value of a label. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What it says, and what to make of it. */
  readonly description: string;
  /** Lines over time, or rows for the whole of the time that is shown. */
  readonly kind: "lines" | "table";
  /** Grafana's name of the unit: `cpm` is a minute's count, `ms` milliseconds, `bytes`, `percentunit`, `short`, `d` days. */
  readonly unit: "cpm" | "ms" | "bytes" | "percentunit" | "short" | "d";
  /** Lines are stacked. */
  readonly stacked?: boolean;
  /** Of the 24 columns of a dashboard. */
  readonly width: 8 | 12;
  readonly queries: readonly Query[];
}

/** A heading, and its panels from left to right and from top to bottom. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** Which of several Envoys, and which of their listeners by their policies' `stat_prefix`. */
const CHOSEN = 'instance=~"$instance",smtp_prefix=~"$prefix"';
/** The same for what Envoy counts itself. */
export const HOST = 'instance=~"$instance"';

/** A statistic of the filter. @param labels further selectors, such as `smtp_action!="detect"` */
export const of = (name: string, labels = ""): string => `smtp_${name}{${CHOSEN}${labels && ","}${labels}}`;
/** Each second's increase of a counter. */
const rate = (series: string): string => `rate(${series}[$__rate_interval])`;

/** A minute's count. @param by the labels that stay, of which the legend is made */
export function perMinute(name: string, by: readonly string[], labels = ""): Query {
  const sum = by.length === 0 ? "sum" : `sum by (${by.join(", ")})`;
  // Most counters of an Envoy never count.
  const some = by.length === 0 ? "" : " > 0";
  return {
    expr: `60 * ${sum} (${rate(of(name, labels))})${some}`,
    legend: by.map((label) => `{{${label}}}`).join(" "),
  };
}

/** One line of counters that are added up. */
export const line = (legend: string, name: string, labels = ""): Query => ({
  ...perMinute(name, [], labels),
  legend,
});

/** What a part of a histogram's values is below. @param part 0 to 1 @param by empty, or a label and a comma */
export const quantile = (part: number, name: string, by: string): Query => ({
  // Without a value there is no number.
  expr: `histogram_quantile(${part}, sum by (${by}le) (${rate(of(`${name}_bucket`))})) >= 0`,
  legend: by === "" ? `${part * 100} %` : "{{smtp_verb}}",
});

/** The middle, and what 95 and 99 of 100 values are below. */
export const quantiles = (name: string): Query[] => [0.5, 0.95, 0.99].map((part) => quantile(part, name, ""));

/** What panels of lines have in common. */
export const lines = (width: Panel["width"], unit: Panel["unit"], queries: readonly Query[]) =>
  ({ kind: "lines", width, unit, queries }) as const;

/** All that a policy, or a shadow, does more than to report. */
export const PREVENTED = 'smtp_action!="detect"';

/** A part of a whole, over time. */
export const share = (legend: string, part: string, whole: string): Query => ({
  expr: `sum (${rate(part)}) / sum (${rate(whole)})`,
  legend,
});

/** What Envoy, or a gauge of the filter, says. */
export const health = (legend: string, series: string): Query => ({ expr: `sum (${series})`, legend });
