import type { ConnectionObserver } from "./observer.js";
import type { Sink } from "./outlet.js";

export interface ConnectOptions {
  /** "192.0.2.10:40000" or "[2001:db8::1]:40000". */
  sourceAddress?: string;
  destinationAddress?: string;
  upstreamAddress?: string;
  /** Which worker accepts the connection; 0 unless told. */
  worker?: number;
  /** Gets the bytes as they come out; without one they are kept in `toServer` and `toClient`. */
  sink?: Sink;
  /** Properties to answer instead of the host's own; path segments separated by NUL, values encoded. */
  properties?: Record<string, Uint8Array>;
  /** `per_connection_buffer_limit_bytes`: beyond it a held connection is not read. Default 65,536. */
  bufferLimit?: number;
  /** Is told what the connection does. */
  observer?: ConnectionObserver;
}
