import { STARTTLS_SWITCH, type TlsState } from "./tls.js";

const encoder = new TextEncoder();

/** A u64 or i64 as Envoy passes it to the module: 8 bytes, little endian. */
export function encodeInt(value: number | bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt.asIntN(64, BigInt(value)), true);
  return bytes;
}

export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The port of "192.0.2.10:40000" or "[2001:db8::1]:40000"; 0 when there is none. */
function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1)) || 0;
}

/** The properties of a connection, with a bit mask of Envoy's response flags. */
export interface ConnectionFacts {
  readonly connectionId: number;
  readonly sourceAddress: string;
  readonly destinationAddress: string;
  readonly upstreamAddress: string;
  readonly upstreamConnected: boolean;
  readonly startNs: bigint;
  readonly rxBytes: number;
  readonly txBytes: number;
  /** 0x10 = the server reset the connection (UR), 0x8020 = no server (UF, URX). */
  readonly responseFlags: number;
  /** Why the connection to the server failed; "" as long as it has not. */
  readonly upstreamFailure: string;
  readonly tls: TlsState;
}

/** Response flags as far as this host sets them (README.md, "Ends and half close"). */
export const ResponseFlag = { UpstreamReset: 0x10 } as const;

type Reader = (facts: ConnectionFacts) => Uint8Array | null;

const optional = (text: string | null): Uint8Array | null => (text === null ? null : encodeText(text));

const connected = (read: (facts: ConnectionFacts) => Uint8Array): Reader => {
  return (facts) => (facts.upstreamConnected ? read(facts) : null);
};

/** Paths with their segments separated by NUL, as in `proxy_get_property` (README.md, "Properties"). */
const READERS = new Map<string, Reader>([
  ["source\0address", (facts) => encodeText(facts.sourceAddress)],
  ["source\0port", (facts) => encodeInt(portOf(facts.sourceAddress))],
  ["destination\0address", (facts) => encodeText(facts.destinationAddress)],
  ["destination\0port", (facts) => encodeInt(portOf(facts.destinationAddress))],
  ["connection\0id", (facts) => encodeInt(facts.connectionId)],
  ["connection_id", (facts) => encodeInt(facts.connectionId)],
  ["connection\0mtls", () => new Uint8Array(1)],
  ["xds\0listener_direction", () => encodeInt(0)],
  ["request\0time", (facts) => encodeInt(facts.startNs)],
  ["request\0size", (facts) => encodeInt(facts.rxBytes)],
  ["request\0total_size", (facts) => encodeInt(facts.rxBytes)],
  ["response\0size", (facts) => encodeInt(facts.txBytes)],
  ["response\0flags", (facts) => encodeInt(facts.responseFlags)],
  ["upstream\0transport_failure_reason", (facts) => encodeText(facts.upstreamFailure)],
  ["connection\0tls_version", ({ tls }) => optional(tls.version("client"))],
  ["upstream\0tls_version", ({ tls }) => optional(tls.version("server"))],
  [STARTTLS_SWITCH, ({ tls }) => optional(tls.announced)],
  ["upstream\0address", connected((facts) => encodeText(facts.upstreamAddress))],
  ["upstream\0port", connected((facts) => encodeInt(portOf(facts.upstreamAddress)))],
]);

/** @returns the bytes, or null where Envoy answers NotFound */
export function connectionProperty(path: string, facts: ConnectionFacts): Uint8Array | null {
  return READERS.get(path)?.(facts) ?? null;
}

/** The properties of every context of a plugin. @returns the bytes or null */
export function pluginProperty(
  path: string,
  plugin: { name: string; rootId: string; vmId: string },
): Uint8Array | null {
  switch (path) {
    case "plugin_name":
      return encodeText(plugin.name);
    case "plugin_root_id":
      return encodeText(plugin.rootId);
    case "plugin_vm_id":
      return encodeText(plugin.vmId);
    case "xds\0node\0id":
      return encodeText("test-node");
    case "xds\0node\0cluster":
      return encodeText("test-cluster");
    default:
      return null;
  }
}
