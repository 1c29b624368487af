/** Envoy for many sessions: over TCP, or with sessions that begin and end inside Envoy and travel as HTTP/2 streams. */
import { benchBootstrap, type Route } from "./envoy/bootstrap.js";

const API = "type.googleapis.com/envoy.extensions";
/** Twice as many as the peers put on one connection. */
const STREAMS = 1000;

interface Filter {
  name: string;
  typed_config: Record<string, unknown>;
}

interface Listener {
  name: string;
  address?: object;
  enable_reuse_port?: boolean;
  filter_chains: { filters: Filter[] }[];
  internal_listener?: object;
  per_connection_buffer_limit_bytes?: number;
  tcp_backlog_size?: number;
}

interface Cluster {
  name: string;
  typed_extension_protocol_options?: object;
  circuit_breakers?: object;
}

interface Bootstrap {
  static_resources: { listeners: Listener[]; clusters: (Cluster | object)[] };
  bootstrap_extensions?: object[];
}

/** Name of the listener that takes HTTP/2 for the internal listener `name`. */
export const entryName = (name: string): string => `${name}-entry`;

/**
 * The bootstrap of `routes`, with the first one behind an HTTP/2 listener: a CONNECT stream becomes a connection to the
 * internal listener with the filter, whose `tcp_proxy` opens a CONNECT stream to the server. The filter sees what it sees
 * on TCP; only its connections have no file descriptors.
 */
export function http2Bootstrap(routes: Route[]): object {
  const bootstrap = benchBootstrap(routes) as Bootstrap;
  const { listeners, clusters } = bootstrap.static_resources;
  const inner = listeners[0];
  const out = clusters[0] as Cluster | undefined;
  if (inner === undefined || out === undefined) throw new Error("no route");
  listeners.push({
    name: entryName(inner.name),
    ...(inner.address === undefined ? {} : { address: inner.address }),
    enable_reuse_port: false,
    filter_chains: [{ filters: [connectManager("inner")] }],
  });
  delete inner.address;
  delete inner.enable_reuse_port;
  delete inner.tcp_backlog_size;
  inner.internal_listener = {};
  const proxy = inner.filter_chains[0]?.filters.at(-1);
  if (proxy !== undefined) proxy.typed_config["tunneling_config"] = { hostname: "server.example.test:25" };
  out.typed_extension_protocol_options = STREAMS_TO_SERVER;
  // Streams count as requests.
  const most = 100_000;
  const thresholds = [{ max_connections: most, max_pending_requests: most, max_requests: most }];
  out.circuit_breakers = { thresholds };
  clusters.push({ ...clusterOf(inner.name), circuit_breakers: { thresholds } });
  bootstrap.bootstrap_extensions = [
    {
      name: "envoy.bootstrap.internal_listener",
      typed_config: { "@type": `${API}.bootstrap.internal_listener.v3.InternalListener` },
    },
  ];
  return bootstrap;
}

const STREAMS_TO_SERVER = {
  "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
    "@type": `${API}.upstreams.http.v3.HttpProtocolOptions`,
    explicit_http_config: { http2_protocol_options: { max_concurrent_streams: STREAMS } },
  },
};

/** A cluster that leads to an internal listener. */
function clusterOf(listener: string): object {
  const address = { envoy_internal_address: { server_listener_name: listener, endpoint_id: "sessions" } };
  return {
    name: "inner",
    type: "STATIC",
    load_assignment: { cluster_name: "inner", endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] },
  };
}

/** Ends CONNECT streams and sends their bytes to `cluster`. */
function connectManager(cluster: string): Filter {
  const upgrade_configs = [{ upgrade_type: "CONNECT", connect_config: {} }];
  const route = { match: { connect_matcher: {} }, route: { cluster, timeout: "0s", upgrade_configs } };
  const router = {
    name: "envoy.filters.http.router",
    typed_config: { "@type": `${API}.filters.http.router.v3.Router` },
  };
  return {
    name: "envoy.filters.network.http_connection_manager",
    typed_config: {
      "@type": `${API}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: "entry",
      codec_type: "HTTP2",
      http2_protocol_options: { allow_connect: true, max_concurrent_streams: STREAMS },
      upgrade_configs: [{ upgrade_type: "CONNECT" }],
      stream_idle_timeout: "0s",
      route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes: [route] }] },
      http_filters: [router],
    },
  };
}
