/** The connection of a session that is played: no sockets, and TLS that needs no handshake. */
import type { Connection, Plugin } from "../host/plugin.js";
import { encodeInt } from "../host/properties.js";
import type { Given } from "./given.js";
import type { SessionReport, Side } from "./model.js";

/** A connection whose bytes come out in `given`. */
export function connectionOf(
  plugin: Plugin,
  { id, client, server }: SessionReport,
  given: Given,
  on: { startsTls(side: Side): void; closes(reason: string): void },
): Connection {
  return plugin.connect({
    sourceAddress: client,
    destinationAddress: server,
    upstreamAddress: server,
    // Its events say which session they are about.
    properties: { "connection\0id": encodeInt(id) },
    startTls: ["client", "server"],
    sink: {
      toServer: (bytes) => given.goesTo("server", bytes),
      toClient: (bytes) => given.goesTo("client", bytes),
      startTls: on.startsTls,
      endServer() {},
      endClient() {},
      close: on.closes,
    },
  });
}
