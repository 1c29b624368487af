/**
 * Writes `host-test/lint/envoy-messages.ts` out of Envoy's binary, so that lint knows the fields that this Envoy knows:
 * `node dist/host-test/cli/envoy-messages.js`, after the version in `envoy/requirements.txt` has changed.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { findEnvoy } from "../host/envoy-binary.js";
import { type Message, messagesOf } from "../host/envoy-descriptors.js";

/** What a configuration begins with, and what its `@type`s name around SMTP. */
const ROOTS = [
  "config.bootstrap.v3.Bootstrap",
  "extensions.access_loggers.file.v3.FileAccessLog",
  "extensions.access_loggers.stream.v3.StderrAccessLog",
  "extensions.access_loggers.stream.v3.StdoutAccessLog",
  "extensions.filters.http.wasm.v3.Wasm",
  "extensions.filters.listener.proxy_protocol.v3.ProxyProtocol",
  "extensions.filters.listener.tls_inspector.v3.TlsInspector",
  "extensions.dynamic_modules.v3.DynamicModuleConfig",
  "extensions.filters.network.connection_limit.v3.ConnectionLimit",
  "extensions.filters.network.dynamic_modules.v3.DynamicModuleNetworkFilter",
  "extensions.filters.network.tcp_proxy.v3.TcpProxy",
  "extensions.filters.network.wasm.v3.Wasm",
  "extensions.resource_monitors.cgroup_memory.v3.CgroupMemoryConfig",
  "extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
  "extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig",
  "extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport",
  "extensions.transport_sockets.raw_buffer.v3.RawBuffer",
  "extensions.transport_sockets.starttls.v3.StartTlsConfig",
  "extensions.transport_sockets.starttls.v3.UpstreamStartTlsConfig",
  "extensions.transport_sockets.tls.v3.DownstreamTlsContext",
  "extensions.transport_sockets.tls.v3.UpstreamTlsContext",
];

/** Beginnings of names that are left alone: no mail needs them. */
const LEFT_OUT = [
  "config.accesslog.v3.AccessLogFilter",
  "config.bootstrap.v3.Bootstrap.GrpcAsync",
  "config.core.v3.Grpc",
  "config.core.v3.Http",
  "config.core.v3.Quic",
  "config.core.v3.Udp",
  "config.listener.v3.Quic",
  "config.listener.v3.Udp",
  "config.route.",
  "config.trace.",
  "type.v3.HashPolicy",
];

/** The file's text. @param messages what `messagesOf` found in the binary @throws Error when a root is not among it */
export function messagesText(messages: Map<string, Message>): string {
  const lines = new Map<string, string>();
  const open = [...ROOTS];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (lines.has(name)) continue;
    const message = messages.get(PREFIX + name);
    if (message === undefined) throw new Error(`this Envoy has no ${PREFIX}${name}`);
    const words = [...message.fields].map(([field, { type }]) => {
      const entry = messages.get(type);
      const isMap = entry?.isMap === true;
      const inner = isMap ? (entry?.fields.get("value")?.type ?? "") : type;
      const known = isChecked(inner, messages) ? inner.slice(PREFIX.length) : "";
      if (known !== "") open.push(known);
      return known === "" && !isMap ? field : `${field}=${isMap ? "{}" : ""}${known}`;
    });
    lines.set(name, `${name}: ${words.join(" ")}`.trimEnd());
  }
  return HEAD + [...lines.values()].sort().join("\n") + "\n`;\n";
}

const isChecked = (type: string, messages: Map<string, Message>): boolean =>
  type.startsWith(PREFIX) && messages.has(type) && !LEFT_OUT.some((name) => type.startsWith(PREFIX + name));

const PREFIX = "envoy.";
const HEAD = `/**
 * The messages of Envoy 1.40's configuration, one a line: name without "envoy.", then its fields; after "=" the message
 * that a field holds, after "={}" that of a map's values. Written by \`host-test/cli/envoy-messages.ts\`.
 */
export const ENVOY_MESSAGES = \`
`;

if (argv[1] === fileURLToPath(import.meta.url)) {
  const here = import.meta.url;
  const target = new URL(
    `${here.includes("/dist/") ? "../../../host-test/" : "../"}lint/envoy-messages.ts`,
    here,
  );
  writeFileSync(target, messagesText(messagesOf(readFileSync(await findEnvoy()))));
}
