/** Stands on the wire between two sides and keeps every octet, to see what was said in clear. */
import { connect, createServer, type Socket } from "node:net";
import { Listening } from "./listening.js";

/** What both sides of a connection have said; one character an octet. */
export interface Tapped {
  client: string;
  server: string;
}

/** Passes everything on as it is. */
export class WireTap extends Listening {
  /** One for each connection, in the order in which they began. */
  readonly connections: Tapped[] = [];

  private constructor(
    /** The server's port, for the connections that begin from now on. */
    public target: number,
  ) {
    super(createServer({ allowHalfOpen: true }));
  }

  /** Starts on a free port of 127.0.0.1, before the server on the port `target`. */
  static async start(target: number): Promise<WireTap> {
    const tap = new WireTap(target);
    return tap.listen((socket) => tap.#join(socket));
  }

  #join(client: Socket): void {
    const server = connect({ port: this.target, host: "127.0.0.1", allowHalfOpen: true });
    const tapped = { client: "", server: "" };
    this.connections.push(tapped);
    for (const [name, from, to] of [
      ["client", client, server] as const,
      ["server", server, client] as const,
    ]) {
      this.keep(from);
      from.setNoDelay(true);
      from.on("data", (data) => (tapped[name] += data.toString("latin1")));
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.once("close", () => {
        if (from.errored !== null) to.destroy();
      });
    }
  }
}

/** What one side said in clear, and how many TLS records came after it. */
export interface Clear {
  clear: string;
  records: number;
}

/** Takes apart what one side said. @throws Error when there is anything but TLS records after the first of them */
export function inClear(said: string): Clear {
  let start = 0;
  while (start < said.length && !isRecord(said, start)) start++;
  let [at, records] = [start, 0];
  while (at < said.length) {
    if (!isRecord(said, at)) throw new Error(`no TLS record: ${JSON.stringify(said.slice(at, at + 200))}`);
    at += 5 + said.charCodeAt(at + 3) * 256 + said.charCodeAt(at + 4);
    records++;
  }
  return { clear: said.slice(0, start), records };
}

/** Whether a TLS record begins here: one of its four types, version 3.x (RFC 8446 5.1). */
function isRecord(said: string, at: number): boolean {
  const [type, version] = [said.charCodeAt(at), said.charCodeAt(at + 1)];
  return type >= 0x14 && type <= 0x17 && version === 3;
}
