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
  "proxy_set_buffer_bytes",
  "proxy_set_effective_context",
  "proxy_set_property",
  "proxy_set_shared_data",
  "proxy_set_tick_period_milliseconds",
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
  const problems: Problem[] = [];
  if (lacking.length > 0) {
    const names =
      lacking.length > 5
        ? `${lacking.slice(0, 5).join(", ")} and ${lacking.length - 5} more`
        : lacking.join(", ");
    problems.push({
      offset: offsetOf(list),
      level: "error",
      what: `allowed_capabilities lacks ${names}: the filter cannot do its work`,
      fix: "copy the list of envoy/capabilities.yaml",
    });
  }
  for (const { key, offset } of named.filter((each) => !ALL.includes(each.key))) {
    const what = `allowed_capabilities has ${key}, which the filter does not use`;
    problems.push({ offset, level: "warning", what, fix: "remove it" });
  }
  return problems;
}
