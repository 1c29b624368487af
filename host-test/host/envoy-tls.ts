/** Envoy's side of TLS: sockets that begin in clear or inside, and the filter that starts it. */

/** Files in PEM. */
export interface EnvoyCertificate {
  cert: string;
  key: string;
}

/** How a listener and its cluster speak TLS. */
export interface EnvoyTls extends EnvoyCertificate {
  /** `start`: from the client's first byte; `switch`: when the STARTTLS switch says so, on both sides. */
  begins: "start" | "switch";
}

const TYPE = "type.googleapis.com/envoy.extensions";

/** The switch, which stands before the filter that asks for it; Envoy looks for it in ENVOY_DYNAMIC_MODULES_SEARCH_PATH. */
export const SWITCH_FILTER = {
  name: "starttls_switch",
  typed_config: {
    "@type": `${TYPE}.filters.network.dynamic_modules.v3.DynamicModuleNetworkFilter`,
    dynamic_module_config: { name: "smtp_starttls" },
    filter_name: "starttls_switch",
  },
};

/** @returns a `transport_socket` of a filter chain */
export function downstreamSocket({ cert, key, begins }: EnvoyTls): object {
  const context = {
    common_tls_context: {
      tls_certificates: [{ certificate_chain: { filename: cert }, private_key: { filename: key } }],
    },
  };
  if (begins === "start") {
    const type = `${TYPE}.transport_sockets.tls.v3.DownstreamTlsContext`;
    return { name: "envoy.transport_sockets.tls", typed_config: { "@type": type, ...context } };
  }
  return startTlsSocket("StartTlsConfig", context);
}

/** @returns a `transport_socket` of a cluster, which takes any certificate */
export function upstreamSocket(): object {
  // Envoy offers a server 1.2 at most unless told.
  const tls_params = { tls_maximum_protocol_version: "TLSv1_3" };
  return startTlsSocket("UpstreamStartTlsConfig", { common_tls_context: { tls_params } });
}

function startTlsSocket(type: string, tls_socket_config: object): object {
  const full = `${TYPE}.transport_sockets.starttls.v3.${type}`;
  return {
    name: "envoy.transport_sockets.starttls",
    typed_config: { "@type": full, cleartext_socket_config: {}, tls_socket_config },
  };
}
