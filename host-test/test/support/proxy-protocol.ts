/** The PROXY protocol before and after the filter, as envoy/README.md sets it up. */

const EXTENSIONS = "type.googleapis.com/envoy.extensions";

/** A part of Envoy's configuration. */
type Resource = object;

/** The listener takes the client's address from the header. */
export function proxyInFront(listener: Resource): void {
  const type = `${EXTENSIONS}.filters.listener.proxy_protocol.v3.ProxyProtocol`;
  Object.assign(listener, {
    listener_filters: [{ name: "envoy.filters.listener.proxy_protocol", typed_config: { "@type": type } }],
  });
}

/** The cluster's server is given the client's address. */
export function proxyOut(cluster: Resource): void {
  const type = `${EXTENSIONS}.transport_sockets`;
  Object.assign(cluster, {
    transport_socket: {
      name: "envoy.transport_sockets.upstream_proxy_protocol",
      typed_config: {
        "@type": `${type}.proxy_protocol.v3.ProxyProtocolUpstreamTransport`,
        config: { version: "V1" },
        transport_socket: {
          name: "envoy.transport_sockets.raw_buffer",
          typed_config: { "@type": `${type}.raw_buffer.v3.RawBuffer` },
        },
      },
    },
  });
}

/** A header of version 2 that says a connection comes from an IPv4 `address`. @param port where it goes to */
export function proxyHeaderV2(address: string, port: number): Buffer {
  const header = Buffer.alloc(28);
  header.set([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21, 0x11, 0, 12]);
  header.set(address.split(".").map(Number), 16);
  header.set([127, 0, 0, 1], 20);
  header.writeUInt16BE(40_000, 24);
  header.writeUInt16BE(port, 26);
  return header;
}
