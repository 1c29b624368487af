/** The pieces of Envoy's configuration that our pages show, each put where it belongs in `envoy/envoy.yaml`. */
import { parse } from "yaml";
import { fieldsOf } from "../../lint/shape.js";

type Json = Record<string, unknown>;

interface Listener extends Json {
  filter_chains: { filters: { name: string; typed_config: { config: Json & { vm_config: Json } } }[] }[];
}

/** The fenced blocks of a page in this language, in their order. */
export const blocks = (page: string, language: "yaml" | "json"): string[] =>
  [...page.matchAll(/^```(\w+)\n([^]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , block = ""]) => block);

/** What a fragment's keys may be fields of, in this order, and where that is in a bootstrap. */
const PLACES: [string, (bootstrap: Json) => Json][] = [
  ["config.bootstrap.v3.Bootstrap", (bootstrap) => bootstrap],
  ["config.listener.v3.Listener", listenerOf],
  ["config.cluster.v3.Cluster", (bootstrap) => (resources(bootstrap)["clusters"] as Json[])[0] as Json],
  ["extensions.wasm.v3.VmConfig", (bootstrap) => configOf(bootstrap)["vm_config"] as Json],
  ["extensions.wasm.v3.PluginConfig", configOf],
  ["extensions.filters.network.tcp_proxy.v3.TcpProxy", (bootstrap) => filterOf(bootstrap, "tcp_proxy")],
];

/**
 * The bootstrap with a fragment in it, free ports and this module.
 * @param yaml text of envoy/envoy.yaml
 * @throws Error when the fragment's keys fit no place
 */
export function withFragment(yaml: string, fragment: string, wasm: string): Json {
  const bootstrap = parse(yaml) as Json;
  const value = parse(fragment) as Json;
  const place = PLACES.find(([message]) =>
    Object.keys(value).every((key) => fieldsOf(message).includes(key)),
  );
  if (place === undefined) throw new Error(`there is no place for ${Object.keys(value).join(", ")}`);
  Object.assign(place[1](bootstrap), value);
  const free = { socket_address: { address: "127.0.0.1", port_value: 0 } };
  Object.assign(bootstrap["admin"] as Json, { address: free });
  Object.assign(listenerOf(bootstrap), { address: free });
  (configOf(bootstrap)["vm_config"] as Json)["code"] = { local: { filename: wasm } };
  return bootstrap;
}

/** The bootstrap with the server on this port of 127.0.0.1, and a policy in place of its own. */
export function withServer(bootstrap: Json, port: number, policy?: object): Json {
  const address = { socket_address: { address: "127.0.0.1", port_value: port } };
  const cluster = (resources(bootstrap)["clusters"] as Json[])[0] as Json;
  const endpoints = [{ lb_endpoints: [{ endpoint: { address } }] }];
  cluster["load_assignment"] = { cluster_name: cluster["name"], endpoints };
  if (policy !== undefined) (configOf(bootstrap)["configuration"] as Json)["value"] = JSON.stringify(policy);
  return bootstrap;
}

const resources = (bootstrap: Json): Json => bootstrap["static_resources"] as Json;

function listenerOf(bootstrap: Json): Listener {
  return (resources(bootstrap)["listeners"] as Listener[])[0] as Listener;
}

function filterOf(bootstrap: Json, name: string): Json {
  const filters = listenerOf(bootstrap).filter_chains[0]?.filters ?? [];
  return filters.find((filter) => filter.name.endsWith(name))?.typed_config as Json;
}

function configOf(bootstrap: Json): Json {
  return filterOf(bootstrap, "wasm")["config"] as Json;
}
