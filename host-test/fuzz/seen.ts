/** What a run of a session showed. */
import type { ModelServer } from "./model-server.js";
import type { TlsSeen } from "./tls.js";

/** What is visible of a session from outside. */
export interface Seen {
  readonly sentByClient: Uint8Array;
  readonly sentByServer: Uint8Array;
  readonly toServer: Uint8Array;
  readonly toClient: Uint8Array;
  readonly serverEnded: boolean;
  readonly clientEnded: boolean;
  /** Why the filter closed, null if it did not. */
  readonly closed: string | null;
  readonly summary: string;
  /** The client continued after the server's end: what waits for a reply then waits forever, however it was cut. */
  readonly unanswerable: boolean;
  /** The client continued in the middle of a reply: that becomes part of the next one, even of a stand-in's answer. */
  readonly halfway: boolean;
  /** The server sent more replies than requests; the greeting counts as requested. */
  readonly ahead: boolean;
  /** The client continued, or the session ended, before the server had answered all requests. */
  readonly behind: boolean;
  readonly server: ModelServer;
  readonly tls: TlsSeen;
  /** The same bytes as they went out. */
  readonly pieces: { readonly toServer: readonly Uint8Array[]; readonly toClient: readonly Uint8Array[] };
}
