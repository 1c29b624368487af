import type { ConnectOptions } from "./connect-options.js";
import type { ConnectionFacts } from "./properties.js";
import { type Side, TlsState } from "./tls.js";

/** What is known of a connection: its properties, and the filter state. */
export class Facts implements ConnectionFacts {
  readonly sourceAddress: string;
  readonly destinationAddress: string;
  readonly upstreamAddress: string;
  readonly overrides: Record<string, Uint8Array> | undefined;
  /** Whether it can be sent to another cluster. */
  readonly routes: boolean;
  /** What `proxy_set_property` stored, keys with Envoy's prefix: "wasm.smtp_inspector". */
  readonly filterState = new Map<string, Uint8Array>();
  rxBytes = 0;
  txBytes = 0;
  responseFlags = 0;
  upstreamConnected = false;
  upstreamFailure = "";
  readonly tls: TlsState;

  constructor(
    readonly connectionId: number,
    readonly startNs: bigint,
    options: ConnectOptions,
  ) {
    this.sourceAddress = options.sourceAddress ?? "192.0.2.10:40000";
    this.destinationAddress = options.destinationAddress ?? "192.0.2.25:25";
    this.upstreamAddress = options.upstreamAddress ?? "198.51.100.25:25";
    this.overrides = options.properties;
    this.routes = options.routes ?? true;
    this.tls = new TlsState(options.startTls ?? [], options.tlsVersion ?? null);
  }

  /** The handshake of a side is over. @param version such as "TLSv1.3" */
  secured(side: Side, version: string): void {
    this.tls.secured(side, version);
  }
}
