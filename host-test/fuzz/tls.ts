/** Where TLS begins in a session that is played. What was sent before is in clear, what comes after as if decrypted. */
import type { Connection } from "../host/connection.js";
import type { Side } from "../host/tls.js";
import { latin1 } from "./text.js";

/** How many pieces each side had sent and received when TLS began on a side. */
export interface TlsMark {
  readonly sentByClient: number;
  readonly sentByServer: number;
  readonly toServer: number;
  readonly toClient: number;
  /** All bytes up to there. */
  readonly saidByClient: string;
  readonly saidByServer: string;
  readonly saidToClient: string;
}

export interface TlsSeen {
  readonly client: TlsMark | null;
  readonly server: TlsMark | null;
  /** A side had more to say in clear when TLS began: what becomes of that depends on how it was cut. */
  readonly crossed: boolean;
}

type Pieces = readonly Uint8Array[];

export class TlsPlay implements TlsSeen {
  client: TlsMark | null = null;
  server: TlsMark | null = null;
  crossed = false;
  /** TLS began while the server's segment was read. */
  #begun = false;
  #fails = false;

  constructor(
    private readonly sentByClient: Pieces,
    private readonly sentByServer: Pieces,
    private readonly toServer: Pieces,
    private readonly toClient: Pieces,
  ) {}

  /** TLS begins on a side. @param unread what that side has sent and the filter has not read: no handshake */
  begin(side: Side, unread: Uint8Array, connection: Connection): void {
    this[side] = {
      sentByClient: this.sentByClient.length,
      sentByServer: this.sentByServer.length,
      toServer: this.toServer.length,
      toClient: this.toClient.length,
      saidByClient: textOf(this.sentByClient),
      saidByServer: textOf(this.sentByServer),
      saidToClient: textOf(this.toClient),
    };
    this.#begun = true;
    if (unread.length > 0) {
      this.crossed = true;
      if (side === "client") connection.clientReset();
      else connection.serverReset();
    } else connection.secured(side, "TLSv1.3");
  }

  /** Whether this piece is the first that the server gets inside TLS. */
  isServersFirst(index: number): boolean {
    return this.server?.toServer === index;
  }

  /** A piece of what the server says was read. @param more of it is left, which was sent in clear */
  endSegment(more: boolean, connection: Connection): void {
    if (!this.#begun) return;
    this.#begun = false;
    if (!more) return;
    this.crossed = true;
    this.#fails = this.server?.sentByServer === this.sentByServer.length;
    if (this.#fails) connection.serverReset();
  }
}

const textOf = (pieces: Pieces): string => pieces.map(latin1).join("");
