/** The alerts of envoy/prometheus as data. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { FOLDER } from "./prometheus.js";

export interface Alert {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; look_at: string; runbook: string };
}

/** All alerts, in the order of the file. */
export function alerts(): Alert[] {
  const text = readFileSync(`${FOLDER}smtp-inspector.rules.yaml`, "utf8");
  const { groups } = parse(text) as { groups: { rules: Alert[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

/** What an alert compares: its expression taken apart at `and` and at comparisons, without the numbers. */
export function comparedBy({ expr }: Alert): string[] {
  return expr
    .split(/\s+and\s+|\s+[<>]\s+(?:on \([^)]*\)(?: group_left)?)?/)
    .map((part) => part.trim())
    .filter((part) => !/^[\d.]+$/.test(part));
}
