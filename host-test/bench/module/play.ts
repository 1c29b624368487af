/** Plays the steps of a script. */
import type { Connection } from "../../host/connection.js";
import type { BenchHost } from "./bench-host.js";
import type { Step } from "./script.js";

/** Takes one step of a session. @returns its connection, a new one for "open" @throws WasmTrap */
export function take(host: BenchHost, connection: Connection | undefined, step: Step): Connection {
  if (step.act === "open") return host.connect();
  if (connection === undefined) throw new Error("a script must begin with open");
  if (step.act === "client") connection.fromClient(step.bytes);
  else if (step.act === "server") connection.fromServer(step.bytes);
  else connection.clientReset();
  return connection;
}

/** Takes all steps. @returns the connection @throws Error for a script without steps */
export function play(host: BenchHost, steps: readonly Step[]): Connection {
  let connection: Connection | undefined;
  for (const step of steps) connection = take(host, connection, step);
  if (connection === undefined) throw new Error("a script without steps");
  return connection;
}
