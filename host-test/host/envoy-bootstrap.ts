/** Envoy configurations with our filter in front of tcp_proxy, as tests and tools need them. */
import { resolve } from "node:path";
import { downstreamSocket, type EnvoyTls, SWITCH_FILTER, upstreamSocket } from "./envoy-tls.js";

export interface EnvoyListener {
  name: string;
  /** Port on 127.0.0.1; 0 takes a free one, see `EnvoyProcess.ports`. */
  port?: number;
  /** Path of the module. */
  wasm: string;
  /** The policy's text; without it the filter gets no configuration at all. */
  policy?: string;
  /** Where the server listens on 127.0.0.1. */
  upstreamPort: number;
  /** Listeners with the same id, module and VM configuration share their VMs. "smtp_inspector" by default. */
  vmId?: string;
  vmConfiguration?: string;
  /** Both "smtp_inspector" by default. */
  pluginName?: string;
  rootId?: string;
  /** File that gets a line for each connection. */
  accessLog?: string;
  /** Format of that line. */
  accessLogFormat?: string;
  /** `per_connection_buffer_limit_bytes`, 65,536 by default. */
  bufferLimit?: number;
  failurePolicy?: "FAIL_RELOAD" | "FAIL_CLOSED" | "FAIL_OPEN";
  /** Everything is in clear without it. */
  tls?: EnvoyTls;
}

const ACCESS_LOG_FORMAT =
  "%DOWNSTREAM_REMOTE_ADDRESS% %RESPONSE_FLAGS% %DOWNSTREAM_LOCAL_CLOSE_REASON% " +
  "%FILTER_STATE(wasm.smtp_inspector:PLAIN)%\n";

/** @returns a bootstrap object for `EnvoyProcess.start` */
export function envoyBootstrap(listeners: EnvoyListener[], more: object = {}): object {
  return {
    node: { id: "test-node", cluster: "test-cluster" },
    static_resources: {
      listeners: listeners.map((listener) => listenerResource(listener)),
      clusters: listeners.map((listener) => clusterResource(listener)),
    },
    ...more,
  };
}

/** @returns a bootstrap whose listeners come from a file that `ldsFile` wrote; replace it by a rename to update */
export function envoyLdsBootstrap(listeners: EnvoyListener[], path: string): object {
  return {
    node: { id: "test-node", cluster: "test-cluster" },
    dynamic_resources: { lds_config: { path_config_source: { path } } },
    static_resources: { clusters: listeners.map((listener) => clusterResource(listener)) },
  };
}

/** @returns the text of a file for file-based LDS */
export function ldsFile(listeners: EnvoyListener[]): string {
  const type = "type.googleapis.com/envoy.config.listener.v3.Listener";
  return JSON.stringify({
    resources: listeners.map((listener) => ({ "@type": type, ...listenerResource(listener) })),
  });
}

function listenerResource(listener: EnvoyListener): object {
  const { tls } = listener;
  const filters = [wasmFilter(listener), tcpProxy(listener)];
  if (tls?.begins === "switch") filters.unshift(SWITCH_FILTER);
  return {
    name: listener.name,
    address: socketAddress(listener.port ?? 0),
    // Otherwise two Envoys could listen on one port and silently share its connections.
    enable_reuse_port: false,
    per_connection_buffer_limit_bytes: listener.bufferLimit ?? 65_536,
    filter_chains: [{ filters, ...(tls && { transport_socket: downstreamSocket(tls) }) }],
  };
}

function wasmFilter(listener: EnvoyListener): object {
  const stringValue = (value: string): object => ({
    "@type": "type.googleapis.com/google.protobuf.StringValue",
    value,
  });
  const { policy, vmConfiguration } = listener;
  return {
    name: "envoy.filters.network.wasm",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.network.wasm.v3.Wasm",
      config: {
        name: listener.pluginName ?? "smtp_inspector",
        root_id: listener.rootId ?? "smtp_inspector",
        failure_policy: listener.failurePolicy ?? "FAIL_RELOAD",
        vm_config: {
          vm_id: listener.vmId ?? "smtp_inspector",
          runtime: "envoy.wasm.runtime.v8",
          code: { local: { filename: resolve(listener.wasm) } },
          ...(vmConfiguration === undefined ? {} : { configuration: stringValue(vmConfiguration) }),
        },
        ...(policy === undefined ? {} : { configuration: stringValue(policy) }),
      },
    },
  };
}

function tcpProxy(listener: EnvoyListener): object {
  const accessLog = {
    name: "envoy.access_loggers.file",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
      path: listener.accessLog,
      log_format: {
        text_format_source: { inline_string: listener.accessLogFormat ?? ACCESS_LOG_FORMAT },
      },
    },
  };
  return {
    name: "envoy.filters.network.tcp_proxy",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
      stat_prefix: listener.name,
      cluster: listener.name,
      ...(listener.accessLog === undefined ? {} : { access_log: [accessLog] }),
    },
  };
}

function clusterResource(listener: EnvoyListener): object {
  return {
    name: listener.name,
    type: "STATIC",
    connect_timeout: "5s",
    ...(listener.tls?.begins === "switch" && { transport_socket: upstreamSocket() }),
    load_assignment: {
      cluster_name: listener.name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: socketAddress(listener.upstreamPort) } }] }],
    },
  };
}

function socketAddress(port: number): object {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}
