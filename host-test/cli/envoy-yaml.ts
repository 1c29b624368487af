/** Reads envoy/envoy.yaml and adapts it. */
import { parse } from "yaml";
import type { Route } from "./front.js";

/** A route and the policy (JSON text) that its listener gets. */
export type PolicedRoute = Route & { policy: string };

/** The parts of the bootstrap that are adapted; the rest is kept as it is. */
export interface Bootstrap {
  admin: { address: Address };
  static_resources: { listeners: Listener[]; clusters: Cluster[] };
}
interface Address {
  socket_address: { address: string; port_value: number };
}
interface Listener {
  name: string;
  address: Address;
  filter_chains: { filters: { name: string; typed_config: { cluster?: string; config?: WasmConfig } }[] }[];
}
interface WasmConfig {
  vm_config: { code: { local: { filename: string } } };
  configuration: { value: string };
}
interface Cluster {
  name: string;
  load_assignment: {
    cluster_name: string;
    endpoints: { lb_endpoints: { endpoint: { address: Address } }[] }[];
  };
}

/** The filter's policy in the file. */
export function policyOf(yaml: string): string {
  return wasmConfig(onlyListener(parse(yaml) as Bootstrap)).configuration.value;
}

/**
 * The same bootstrap with one listener and one cluster for each route, another wasm file and admin port.
 * @throws Error when the file no longer has the shape that this relies on.
 */
export function adapted(
  yaml: string,
  changes: { routes: PolicedRoute[]; wasm: string; adminPort: number },
): Bootstrap {
  const bootstrap = parse(yaml) as Bootstrap;
  const listener = onlyListener(bootstrap);
  const cluster = bootstrap.static_resources.clusters[0];
  if (cluster === undefined) throw new Error("envoy.yaml has no cluster");
  bootstrap.admin.address.socket_address.port_value = changes.adminPort;
  bootstrap.static_resources.listeners = changes.routes.map((route, index) => {
    const copy = structuredClone(listener);
    copy.name = `${listener.name}_${index}`;
    copy.address.socket_address.port_value = route.port;
    const config = wasmConfig(copy);
    config.vm_config.code.local.filename = changes.wasm;
    config.configuration.value = route.policy;
    for (const { typed_config } of copy.filter_chains.flatMap((chain) => chain.filters)) {
      if (typed_config.cluster !== undefined) typed_config.cluster = `${cluster.name}_${index}`;
    }
    return copy;
  });
  bootstrap.static_resources.clusters = changes.routes.map((route, index) => {
    const copy = structuredClone(cluster);
    copy.name = copy.load_assignment.cluster_name = `${cluster.name}_${index}`;
    for (const { endpoint } of copy.load_assignment.endpoints.flatMap((group) => group.lb_endpoints)) {
      endpoint.address.socket_address.port_value = route.upstream;
    }
    return copy;
  });
  return bootstrap;
}

function onlyListener(bootstrap: Bootstrap): Listener {
  const [listener, ...more] = bootstrap.static_resources.listeners;
  if (listener === undefined || more.length > 0) throw new Error("envoy.yaml should have one listener");
  return listener;
}

function wasmConfig(listener: Listener): WasmConfig {
  const filters = listener.filter_chains.flatMap((chain) => chain.filters);
  const config = filters.find((filter) => filter.name === "envoy.filters.network.wasm")?.typed_config.config;
  if (config === undefined) throw new Error("envoy.yaml has no wasm filter");
  return config;
}
