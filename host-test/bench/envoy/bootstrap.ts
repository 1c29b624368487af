/** The Envoy that is measured: one worker, a listener for each setting, all in one process so that pairs compare. */
import { envoyBootstrap, type EnvoyListener } from "../../host/envoy-bootstrap.js";
import type { EnvoyTls } from "../../host/envoy-tls.js";

/** What is between client and server. */
export interface Setting {
  name: string;
  /** Path of the module; without it, plain `tcp_proxy`. */
  wasm?: string;
  /** The policy's text. */
  policy?: string;
  /** TLS with the client; in clear without it. The server's side stays in clear. */
  tls?: EnvoyTls;
}

/** A setting in front of one server. */
export interface Route {
  /** Name of the listener, also in the names of its statistics. */
  name: string;
  setting: Setting;
  upstreamPort: number;
}

/** The parts of a bootstrap that are changed here. */
interface Bootstrap {
  static_resources: {
    listeners: { name: string; filter_chains: { filters: object[] }[]; tcp_backlog_size?: number }[];
    clusters: { circuit_breakers?: object }[];
  };
}

/** More than a benchmark opens: otherwise Envoy's own limit of 1,024 per cluster would be measured. */
const MOST_CONNECTIONS = 100_000;

/** @returns the bootstrap for `EnvoyProcess.start`; routes whose settings share a module share its VMs */
export function benchBootstrap(routes: Route[], more: object = {}): object {
  const listeners = routes.map(({ name, setting, upstreamPort }): EnvoyListener => {
    const policy = setting.policy === undefined ? {} : { policy: setting.policy };
    const tls = setting.tls === undefined ? {} : { tls: setting.tls };
    const common = { name, wasm: setting.wasm ?? "", upstreamPort, ...policy, ...tls };
    return { ...common, vmId: setting.wasm ?? "none" };
  });
  const bootstrap = envoyBootstrap(listeners, more) as Bootstrap;
  for (const [index, listener] of bootstrap.static_resources.listeners.entries()) {
    if (routes[index]?.setting.wasm === undefined) listener.filter_chains[0]?.filters.shift();
    listener.tcp_backlog_size = 4096;
  }
  const thresholds = [{ max_connections: MOST_CONNECTIONS, max_pending_requests: MOST_CONNECTIONS }];
  for (const cluster of bootstrap.static_resources.clusters) cluster.circuit_breakers = { thresholds };
  return bootstrap;
}
