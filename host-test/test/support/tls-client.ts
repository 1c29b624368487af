/** A client that asks for TLS step by step, so that a test can go wrong between the steps. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect as connectTcp, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import { expect } from "vitest";
import { within } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";

/** A socket in clear that nobody reads. */
export async function connected(port: number): Promise<Socket> {
  const socket = connectTcp(port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

/** A client after its STARTTLS was answered: the socket, still in clear. */
export async function askedForTls(port: number): Promise<Socket> {
  const socket = await connected(port);
  const clear = RawClient.over(socket);
  await clear.reply();
  await clear.ask("EHLO client.example.org");
  expect(await clear.ask("STARTTLS")).toBe("220 2.0.0 Ready to start TLS");
  socket.removeAllListeners("data");
  return socket;
}

/** Inside TLS, after the handshake. @param ca the file with the certificate of the other side */
export async function inside(
  socket: Socket,
  ca: string,
  options: ConnectionOptions = {},
): Promise<{ client: RawClient; socket: TLSSocket }> {
  const tls = connectTls({ socket, ca: readFileSync(ca), host: "127.0.0.1", ...options });
  await within(once(tls, "secureConnect"), "the handshake");
  return { client: RawClient.over(tls), socket: tls };
}
