/** What lint says of a policy that sends connections to a cluster of Envoy's. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { filterModule } from "../../cli/front.js";
import { filterCheck } from "../../lint/filter-check.js";
import { lintFile } from "../../lint/file.js";
import { problemLines } from "../../lint/problem.js";

const check = filterCheck(filterModule());
const YAML = readFileSync(new URL("./inputs/no-quarantine-cluster.yaml", import.meta.url), "utf8");
const MISSING =
  'source_abuse.quarantine_cluster is "honey_pot", and there is no such cluster: Envoy closes the connections that are sent there';
const ADD = "add cluster honey_pot to static_resources.clusters";

/** What lint says to the file with `from` replaced by `to`. */
function said(from: string, to: string): string[] {
  if (YAML.split(from).length !== 2) throw new Error(`not once: ${from}`);
  const text = YAML.replace(from, to);
  return problemLines("f", text, lintFile(new TextEncoder().encode(text), check).problems);
}

const CLUSTER = "  clusters:\n";
const named = (name: string): string =>
  `${CLUSTER}    - name: ${name}\n      type: ORIGINAL_DST\n      lb_policy: CLUSTER_PROVIDED\n`;

test("nothing where the cluster is there, also one without addresses of its own", () => {
  expect(said(CLUSTER, named("honey_pot"))).toEqual([]);
});

test("a name that is nearly that of a cluster", () => {
  expect(said(CLUSTER, named("honeypot"))).toEqual([`f:44:64: error: ${MISSING} – did you mean "honeypot"?`]);
});

test.each([
  ["detect", [`f:44:63: warning: ${MISSING} – ${ADD}`]],
  ["off", []],
])("source_abuse %s", (mode, expected) => {
  expect(said('"prevent", "quarantine_cluster"', `"${mode}", "quarantine_cluster"`)).toEqual(expected);
});

test("the first place of the name, where a shadow before has the same", () => {
  expect(said('"other"', '"honey_pot"')).toEqual([`f:42:72: error: ${MISSING} – ${ADD}`]);
});

test("nothing of a shadow, which sends nothing anywhere", () => {
  expect(said(', "quarantine_cluster": "honey_pot"', "")).toEqual([]);
});

test.each([
  "cds_config: { path_config_source: { path: /etc/envoy/cds.yaml } }",
  "cds_resources_locator: xdstp://a/b",
])("nothing where clusters come from elsewhere too: %s", (key) => {
  expect(said("static_resources:", `dynamic_resources: { ${key} }\nstatic_resources:`)).toEqual([]);
});

test("nothing of a listener alone, whose clusters are in another file", () => {
  const listener = YAML.slice(YAML.indexOf("    - name: smtp\n"), YAML.indexOf(CLUSTER));
  const text = listener.replace("    - name: smtp", "resources:\n    - name: smtp");
  expect(problemLines("f", text, lintFile(new TextEncoder().encode(text), check).problems)).toEqual([]);
});
