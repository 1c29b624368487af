/** `capability_restriction_config`: the calls between Envoy and the filter that an operator may restrict. */
import { isMap, type YAMLMap } from "yaml";
import { get, keysOf, offsetOf, type Source } from "./nodes.js";
import type { Problem } from "./problem.js";

/** What the module calls of Envoy's; `random_get` is WASI's. */
export const IMPORTS: readonly string[] = [
  "proxy_call_foreign_function",
  "proxy_close_stream",
  "proxy_continue_stream",
  "proxy_define_metric",
  "proxy_get_buffer_bytes",
  "proxy_get_buffer_status",
  "proxy_get_current_time_nanoseconds",
  "proxy_get_property",
  "proxy_get_shared_data",
  "proxy_increment_metric",
  "proxy_log",
  "proxy_record_metric",
  "proxy_set_buffer_bytes",
  "proxy_set_effective_context",
  "proxy_set_property",
  "proxy_set_shared_data",
  "proxy_set_tick_period_milliseconds",
  "random_get",
];

/** Of these, what only the protection source_abuse calls. */
const FOR_SOURCES = [
  "proxy_call_foreign_function",
  "proxy_get_shared_data",
  "proxy_set_shared_data",
  "random_get",
];

/** What Envoy calls of the module's. `malloc` and `_initialize` need no permission. */
export const CALLBACKS: readonly string[] = [
  "proxy_on_configure",
  "proxy_on_context_create",
  "proxy_on_delete",
  "proxy_on_done",
  "proxy_on_downstream_connection_close",
  "proxy_on_downstream_data",
  "proxy_on_log",
  "proxy_on_new_connection",
  "proxy_on_tick",
  "proxy_on_upstream_connection_close",
  "proxy_on_upstream_data",
  "proxy_on_vm_start",
];

const ALL = [...IMPORTS, ...CALLBACKS];

/** @param holder a PluginConfig or a VmConfig; no list at all, and an empty one, allow everything */
export function capabilityProblems(source: Source, holder: YAMLMap): Problem[] {
  const list = get(source, get(source, holder, "capability_restriction_config"), "allowed_capabilities");
  if (!isMap(list) || list.items.length === 0) return [];
  const named = keysOf(list);
  const lacking = ALL.filter((name) => !named.some(({ key }) => key === name));
  const kinds = [
    {
      level: "error",
      names: lacking.filter((name) => !FOR_SOURCES.includes(name)),
      so: "the filter cannot do its work",
    },
    {
      level: "warning",
      names: lacking.filter((name) => FOR_SOURCES.includes(name)),
      so: "source_abuse, which monitor and strict have, cannot do its work",
    },
  ] as const;
  const found: Problem[] = kinds
    .filter(({ names }) => names.length > 0)
    .map(({ level, names, so }) => ({
      offset: offsetOf(list),
      level,
      what: `allowed_capabilities lacks ${listed(names)}: ${so}`,
      fix: "copy the list of envoy/capabilities.yaml",
    }));
  for (const { key, offset } of named.filter((each) => !ALL.includes(each.key))) {
    const what = `allowed_capabilities has ${key}, which the filter does not use`;
    found.push({ offset, level: "warning", what, fix: "remove it" });
  }
  return found;
}

/** Names as a list; of many the first five. */
const listed = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");
