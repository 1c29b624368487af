/** What a policy with "starttls" needs around the filter: the switch before it, and transport sockets that can change to TLS. */
import { isMap, isSeq, type YAMLMap } from "yaml";
import { get, keyOffset, offsetOf, type Place, type Source, textOf } from "./nodes.js";
import type { Problem } from "./problem.js";
import { clustersOf } from "./proxy.js";

/** Key "starttls" of a policy. */
export interface StartTls {
  terminate: boolean;
  originate: string;
}

/** @param filter the place of the filter's `typed_config`, in a listener */
export function lintStartTls(source: Source, filter: Place | null, policy: StartTls): Problem[] {
  const filters = filter?.parent?.node;
  const chain = filter?.parent?.parent?.node;
  if (!isMap(filter?.node) || !isSeq(filters) || !isMap(chain)) return [];
  const wanted = policy.terminate || policy.originate !== "never";
  const own = filters.items.indexOf(filter.node);
  return [
    ...place(source, filters.items, own, wanted),
    ...(wanted ? [...clientSide(source, chain, policy), ...serverSide(source, filters.items, policy)] : []),
  ];
}

/** The switch says that it is there when a connection begins, which a filter before it cannot see yet. */
function place(source: Source, filters: unknown[], own: number, wanted: boolean): Problem[] {
  const at = filters.findIndex((filter) => isSwitch(source, filter));
  const filter = offsetOf(filters[own]);
  if (at < 0 && wanted) {
    const what = 'the policy has "starttls", and there is no switch before the filter: no TLS begins';
    return [{ offset: filter, level: "error", what, fix: `put this before it: ${SWITCH}` }];
  }
  if (at > own) {
    const what = "the switch comes after the filter, which does not see it: no TLS begins";
    return [{ offset: offsetOf(filters[at]), level: "error", what, fix: "move it before the filter" }];
  }
  if (at < 0 || wanted) return [];
  const what = 'there is a switch, and the policy has no "starttls" for it';
  const fix = 'add "starttls": { "terminate": true } to the policy, or remove the switch';
  return [{ offset: offsetOf(filters[at]), level: "warning", what, fix }];
}

function clientSide(source: Source, chain: YAMLMap, { terminate }: StartTls): Problem[] {
  const socket = get(source, chain, "transport_socket");
  const type = textOf(source, get(source, socket, "typed_config"), "@type") ?? "";
  const isStartTls = type.endsWith(".starttls.v3.StartTlsConfig");
  if (isStartTls === terminate) return [];
  const offset = isMap(socket) ? keyOffset(chain, "transport_socket") : offsetOf(chain);
  if (!terminate) {
    const what = 'the chain has a transport socket for STARTTLS, and the policy does not say "terminate"';
    const fix = 'add "terminate": true, or remove the transport_socket';
    return [{ offset, level: "warning", what, fix }];
  }
  if (type.endsWith(".DownstreamTlsContext")) {
    const what = "TLS begins at once on this port: there is no STARTTLS to terminate";
    return [{ offset, level: "error", what, fix: '"terminate": false, or a port of its own for STARTTLS' }];
  }
  const what = "no transport socket that can change to TLS: the session is closed after the 220 to STARTTLS";
  return [{ offset, level: "error", what, fix: `transport_socket: ${socketOf("StartTlsConfig")}` }];
}

/** The clusters of the same document that the chain's tcp_proxy sends to. */
function serverSide(source: Source, filters: unknown[], { originate }: StartTls): Problem[] {
  if (originate === "never") return [];
  const names = filters.map((filter) => textOf(source, get(source, filter, "typed_config"), "cluster"));
  const clusters = clustersOf(source).filter((cluster) => names.includes(textOf(source, cluster, "name")));
  return clusters.flatMap((cluster): Problem[] => {
    const socket = get(source, cluster, "transport_socket");
    const config = get(source, socket, "typed_config");
    if (textOf(source, config, "@type")?.endsWith(".ProxyProtocolUpstreamTransport") === true) {
      const what =
        "the transport socket of the PROXY protocol does not pass on that TLS begins: the session is closed after the server's 220 to STARTTLS";
      const fix = 'remove it, or set "originate": "never"';
      return [{ offset: offsetOf(socket), level: "error", what, fix }];
    }
    if (textOf(source, config, "@type")?.endsWith(".UpstreamStartTlsConfig") !== true) {
      const what =
        "no transport socket that can change to TLS: the session is closed after the server's 220 to STARTTLS";
      const fix = `transport_socket: ${socketOf("UpstreamStartTlsConfig")}`;
      return [{ offset: offsetOf(cluster), level: "error", what, fix }];
    }
    const tls = get(source, get(source, config, "tls_socket_config"), "common_tls_context");
    const checked = CHECKS.some((key) => get(source, tls, key) !== null);
    if (checked || originate !== "always") return [];
    const what = '"originate": "always", and any certificate will do: who is in between reads the mail';
    const fix =
      "in common_tls_context: validation_context: { trusted_ca: …, match_typed_subject_alt_names: … }";
    return [{ offset: offsetOf(config), level: "warning", what, fix }];
  });
}

function isSwitch(source: Source, filter: unknown): boolean {
  const typed = get(source, filter, "typed_config");
  if (textOf(source, typed, "@type")?.endsWith(".DynamicModuleNetworkFilter") !== true) return false;
  return textOf(source, get(source, typed, "dynamic_module_config"), "name") === LIBRARY;
}

const LIBRARY = "smtp_starttls";
const CHECKS = [
  "validation_context",
  "validation_context_sds_secret_config",
  "combined_validation_context",
] as const;
const SWITCH = `envoy.filters.network.dynamic_modules with dynamic_module_config: { name: ${LIBRARY} }, as in envoy/starttls`;
const socketOf = (message: string): string =>
  `{ name: envoy.transport_sockets.starttls, typed_config: { "@type": …starttls.v3.${message}, cleartext_socket_config: {}, tls_socket_config: … } }`;
