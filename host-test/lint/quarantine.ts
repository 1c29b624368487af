/** A policy that sends connections to a cluster which Envoy does not have. */
import { isMap } from "yaml";
import { nearest } from "./nearest.js";
import { get, type Source, textOf } from "./nodes.js";
import { type PolicyText, quarantineOf } from "./policy.js";
import type { Problem } from "./problem.js";
import { itemsOf } from "./proxy.js";

/** Key `quarantine_cluster` of a policy, in a document with all of Envoy's clusters; others say nothing about it. */
export function lintQuarantine(source: Source, policy: PolicyText): Problem[] {
  const quarantine = quarantineOf(policy);
  if (quarantine === null || quarantine.mode === "off") return [];
  const root = source.doc.contents;
  const resources = get(source, root, "static_resources");
  if (!isMap(resources) || hasOtherClusters(source, root)) return [];
  const names = itemsOf(source, resources, "clusters").flatMap((each) => textOf(source, each, "name") ?? []);
  const { cluster, offset, mode } = quarantine;
  if (names.includes(cluster)) return [];
  const guess = nearest(cluster, names);
  return [
    {
      offset,
      level: mode === "prevent" ? "error" : "warning",
      what: `source_abuse.quarantine_cluster is "${cluster}", and there is no such cluster: Envoy closes the connections that are sent there`,
      fix:
        guess === null ? `add cluster ${cluster} to static_resources.clusters` : `did you mean "${guess}"?`,
    },
  ];
}

/** Clusters may come from a management server or a file as well. */
function hasOtherClusters(source: Source, root: unknown): boolean {
  const dynamic = get(source, root, "dynamic_resources");
  return (
    get(source, dynamic, "cds_config") !== null || get(source, dynamic, "cds_resources_locator") !== null
  );
}
