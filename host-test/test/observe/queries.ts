/** The queries of the dashboard as Prometheus takes them. */

/** With Grafana's variables filled in, everything chosen. @param interval, range such as "10s" */
export function filledIn(expr: string, interval: string, range: string): string {
  return expr
    .replaceAll("$__rate_interval", interval)
    .replaceAll("$__range", range)
    .replaceAll(/\$(instance|prefix)/g, ".*");
}
