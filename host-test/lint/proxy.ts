/** What surrounds the filter and breaks mail without a word: time limits, connection limits, who speaks first. */
import { isMap, isSeq, type YAMLMap } from "yaml";
import { get, keyOffset, maps, offsetOf, type Source, textOf, valueOffset } from "./nodes.js";
import type { Problem } from "./problem.js";

/** @param listener one with the filter in a chain */
export function lintListener(source: Source, listener: YAMLMap): Problem[] {
  const proxies = proxiesOf(source, listener);
  const clusters = proxies.map((proxy) => textOf(source, proxy, "cluster"));
  return [
    ...waitingFilters(source, listener),
    ...proxies.flatMap((proxy) => idleTimeout(source, proxy)),
    ...clustersOf(source).flatMap((cluster) =>
      clusters.includes(textOf(source, cluster, "name")) ? connectionLimit(source, cluster) : [],
    ),
  ];
}

/** The items of the list with this key. */
export const itemsOf = (source: Source, map: unknown, key: string): unknown[] => {
  const list = get(source, map, key);
  return isSeq(list) ? list.items : [];
};

/** The `typed_config` of each tcp_proxy in the chains that have a wasm filter. */
function proxiesOf(source: Source, listener: YAMLMap): YAMLMap[] {
  return itemsOf(source, listener, "filter_chains").flatMap((chain) => {
    const typed = itemsOf(source, chain, "filters").map((filter) => get(source, filter, "typed_config"));
    const ends = (suffix: string): unknown[] =>
      typed.filter((each) => textOf(source, each, "@type")?.endsWith(suffix) === true);
    return ends(".wasm.v3.Wasm").length > 0 ? ends(".TcpProxy").filter(isMap) : [];
  });
}

/** The clusters of the same document. */
export function clustersOf(source: Source): YAMLMap[] {
  return [...maps(source.doc)]
    .map(({ map }) => map)
    .filter((map) => get(source, map, "load_assignment") !== null);
}

/** Listener filters that read what the client sends first. Where TLS begins at once that is right. */
function waitingFilters(source: Source, listener: YAMLMap): Problem[] {
  const chains = itemsOf(source, listener, "filter_chains");
  if (chains.length > 0 && chains.every((chain) => get(source, chain, "transport_socket") !== null))
    return [];
  return itemsOf(source, listener, "listener_filters").flatMap((filter) => {
    const type = textOf(source, get(source, filter, "typed_config"), "@type") ?? "";
    const name = textOf(source, filter, "name") ?? "";
    const waits = ["tls_inspector", "http_inspector"].find((each) => `${type} ${name}`.includes(each));
    if (waits === undefined || !isMap(filter)) return [];
    const what = `${waits} waits for the client to speak, and in SMTP the server does: no greeting for 15 s, then the end`;
    const fix = "remove it; a port where TLS begins at once is a listener of its own";
    return [{ offset: offsetOf(filter), level: "error", what, fix }];
  });
}

/** A client waits 10 minutes for the reply to its message (RFC 5321 4.5.3.2.6); whoever closes earlier doubles it. */
function idleTimeout(source: Source, proxy: YAMLMap): Problem[] {
  const text = textOf(source, proxy, "idle_timeout");
  const fix = "idle_timeout: 660s";
  if (text === null) {
    const what =
      "no idle_timeout: a client that is gone without a word keeps its connection and the server's for an hour";
    return [{ offset: offsetOf(proxy), level: "warning", what, fix }];
  }
  const seconds = Number(/^(\d+(?:\.\d+)?)s$/.exec(text)?.[1]);
  if (Number.isNaN(seconds) || seconds > TEN_MINUTES) return [];
  const what =
    seconds === 0
      ? "idle_timeout is 0: a client that is gone without a word keeps its connection and the server's for good"
      : `idle_timeout is ${text}: a client waits up to 600 s for the reply to its message, and sends it again when cut off`;
  return [{ offset: valueOffset(source, proxy, "idle_timeout"), level: "warning", what, fix }];
}

/** Envoy's limit of 1,024 connections to a cluster holds where none is given. */
function connectionLimit(source: Source, cluster: YAMLMap): Problem[] {
  const breakers = get(source, cluster, "circuit_breakers");
  const given = itemsOf(source, breakers, "thresholds").some(
    (each) =>
      (textOf(source, each, "priority") ?? "DEFAULT") === "DEFAULT" &&
      get(source, each, "max_connections") !== null,
  );
  if (given) return [];
  const what = "no max_connections: beyond Envoy's 1,024 a connection is closed without a word";
  const fix = "circuit_breakers: { thresholds: [{ max_connections: 4096, max_pending_requests: 4096 }] }";
  const offset = breakers === null ? offsetOf(cluster) : keyOffset(cluster, "circuit_breakers");
  return [{ offset, level: "warning", what, fix }];
}

const TEN_MINUTES = 600;
