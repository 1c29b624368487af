/** Builds `envoy/grafana/smtp-inspector.json`, for Grafana 10 and newer, from what panels.ts lists. */
import {
  LegendDisplayMode,
  LegendPlacement,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TextBuilder, TextMode } from "@grafana/grafana-foundation-sdk/text";
import { PanelBuilder as LinesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import type { Panel, Query } from "./parts.js";
import { ROWS } from "./panels.js";

const PROMETHEUS = { type: "prometheus", uid: "${datasource}" };
const HEIGHT = 8;

/** The file's text. */
export function dashboardText(): string {
  const dashboard = new DashboardBuilder("SMTP Inspector")
    .uid("smtp-inspector")
    .description(
      "What the SMTP filter in Envoy stops, how mail goes, and how the filter is. envoy/OBSERVING.md explains it.",
    )
    .tags(["smtp", "envoy"])
    .time({ from: "now-6h", to: "now" })
    .refresh("1m")
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder("datasource").label("Prometheus").type("prometheus"))
    .withVariable(chooser("instance", "Envoy"))
    .withVariable(chooser("prefix", "stat_prefix"));
  let id = 0;
  for (const row of ROWS) {
    dashboard.withRow(new RowBuilder(row.title).id(++id));
    for (const panel of row.panels)
      dashboard.withPanel((panel.kind === "table" ? table(panel) : lines(panel)).id(++id));
    if (row === ROWS[0]) dashboard.withPanel(sources().id(++id));
  }
  return `${JSON.stringify(dashboard.build(), null, 2)}\n`;
}

/** A choice of values of a label of the filter's sessions; all of them at first. */
function chooser(name: "instance" | "prefix", label: string): QueryVariableBuilder {
  const of = name === "instance" ? "instance" : "smtp_prefix";
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(PROMETHEUS)
    .query(`label_values(smtp_sessions, ${of})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue(".*")
    .current({ selected: true, text: "All", value: "$__all" });
}

function lines(panel: Panel): LinesBuilder {
  const builder = new LinesBuilder()
    .title(panel.title)
    .description(panel.description)
    .datasource(PROMETHEUS)
    .height(HEIGHT)
    .span(panel.width)
    .unit(panel.unit)
    .min(0)
    .fillOpacity(panel.stacked === true ? 40 : 5)
    .showPoints(VisibilityMode.Never)
    .stacking(
      new StackingConfigBuilder().mode(panel.stacked === true ? StackingMode.Normal : StackingMode.None),
    )
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
  panel.queries.forEach((query, index) => builder.withTarget(target(query, index)));
  return builder;
}

function table(panel: Panel): TableBuilder {
  const builder = new TableBuilder()
    .title(panel.title)
    .description(panel.description)
    .datasource(PROMETHEUS)
    .height(HEIGHT)
    .span(panel.width)
    .unit(panel.unit)
    .decimals(0)
    .withTransformation({ id: "organize", options: { excludeByName: { Time: true } } });
  panel.queries.forEach((query, index) => {
    builder.withTarget(target(query, index).format(PromQueryFormat.Table).instant());
  });
  return builder;
}

function target({ expr, legend }: Query, index: number): DataqueryBuilder {
  const refId = String.fromCharCode("A".charCodeAt(0) + index);
  return new DataqueryBuilder().refId(refId).datasource(PROMETHEUS).expr(expr).legendFormat(legend).range();
}

/** What no statistic has. */
function sources(): TextBuilder {
  const content = [
    "No statistic has addresses: a label for each client would be one that anybody can fill. They are in the log:",
    "",
    "```sh",
    TOP_SOURCES,
    "```",
  ].join("\n");
  return new TextBuilder()
    .title("Top sources")
    .height(HEIGHT / 2)
    .span(24)
    .mode(TextMode.Markdown)
    .content(content);
}

/** Counts the prevented findings in Envoy's log by source, the most first. OBSERVING.md has the same line. */
export const TOP_SOURCES = [
  "sed -n 's/^[^{]*wasm log [^{]*: {/{/p' envoy.log",
  'jq -r \'select(.event_type == "alert" and .action != "detect") | .src_ip\'',
  "sort",
  "uniq -c",
  "sort -rn",
  "head",
].join(" | ");
