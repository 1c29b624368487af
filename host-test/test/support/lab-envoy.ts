import { once } from "node:events";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import type { Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import type { EnvoyListener } from "../../host/envoy-bootstrap.js";
import { envoyBootstrap, envoyLdsBootstrap, ldsFile } from "../../host/envoy-bootstrap.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import type { Lab, Rig, RigOptions, Session, Side, View } from "./lab.js";
import { freePort, waitFor } from "../../peers/net.js";
import { buildProbe } from "./probe.js";

/** How long nothing may change before what was compared counts as all there is. */
const QUIET_MS = 40;
const PATIENCE_MS = 5000;

/** What one end of a connection has received. */
class Peer {
  received = "";
  ended = false;

  constructor(readonly socket: Socket) {
    socket.setNoDelay(true).setEncoding("latin1");
    socket.on("data", (data: string) => (this.received += data));
    socket.on("error", () => {});
    for (const event of ["end", "close"]) socket.on(event, () => (this.ended = true));
  }
}

class EnvoySession implements Session {
  readonly client: Side;
  readonly server: Side;
  #upstream: Peer | null = null;

  constructor(
    private readonly downstream: Peer,
    accepted: Promise<Peer>,
    private readonly logs: string[],
  ) {
    void accepted.then((peer) => (this.#upstream = peer));
    this.client = side(async () => downstream);
    this.server = side(() => accepted);
  }

  async peek(): Promise<string[]> {
    return [...this.logs];
  }

  async sees(view: View): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    let seen = this.#look(view);
    while (!isDeepStrictEqual(seen, view) && Date.now() < deadline) {
      await pause(5);
      seen = this.#look(view);
    }
    await pause(QUIET_MS);
    expect(this.#look(view)).toEqual(view);
    if (view.logs !== undefined) this.logs.length = 0;
  }

  #look(view: View): View {
    const upstream = this.#upstream;
    const all: Required<View> = {
      logs: [...this.logs],
      server: upstream?.received ?? "",
      client: this.downstream.received,
      serverLength: upstream?.received.length ?? 0,
      serverEnded: upstream?.ended ?? false,
      clientEnded: this.downstream.ended,
    };
    return Object.fromEntries(Object.keys(view).map((key) => [key, all[key as keyof View]]));
  }
}

function side(peer: () => Promise<Peer>): Side {
  return {
    send: async (data) => {
      const { socket } = await peer();
      await new Promise<void>((resolve) => socket.write(data, "latin1", () => resolve()));
      // The next write is to be a read of its own in Envoy.
      await pause(QUIET_MS);
    },
    end: async () => {
      (await peer()).socket.end();
      await pause(QUIET_MS);
    },
    reset: async () => {
      (await peer()).socket.resetAndDestroy();
    },
  };
}

class EnvoyRig implements Rig {
  readonly startLogs: string[];
  readonly #logs: string[] = [];
  readonly #sockets: Socket[] = [];
  #stopped = false;

  constructor(
    private readonly envoy: EnvoyProcess,
    private readonly server: Server,
    private readonly listeners: EnvoyListener[],
    private readonly folder: string,
    private readonly ports: Map<string, number>,
  ) {
    this.startLogs = envoy.wasmLogs.map((line) => line.message);
  }

  hear(message: string): void {
    this.#logs.push(message);
  }

  async connect(listener = 0): Promise<Session> {
    const accepted = once(this.server, "connection").then(([socket]: Socket[]) => {
      this.#sockets.push(socket as Socket);
      return new Peer(socket as Socket);
    });
    accepted.catch(() => {});
    const name = (this.listeners[listener] as EnvoyListener).name;
    const socket = connect({ port: this.ports.get(name) as number, host: "127.0.0.1", allowHalfOpen: true });
    this.#sockets.push(socket);
    await once(socket, "connect");
    const session = new EnvoySession(new Peer(socket), accepted, this.#logs);
    // Most scenarios have a server; one whose filter holds the new connection goes on without.
    await Promise.race([accepted, pause(QUIET_MS * 3)]);
    return session;
  }

  async tick(): Promise<void> {}

  async drainOld(): Promise<void> {}

  async update(configuration: string): Promise<boolean> {
    const [first, ...rest] = this.listeners as [EnvoyListener, ...EnvoyListener[]];
    const before = await this.envoy.stats();
    const outcomes = ["update_success", "update_rejected"].map((name) => `listener_manager.lds.${name}`);
    await replaceFile(this.folder, ldsFile([{ ...first, policy: configuration }, ...rest]));
    let changed: string | undefined;
    await waitFor(async () => {
      const now = await this.envoy.stats();
      changed = outcomes.find((name) => now.get(name) !== before.get(name));
      return changed !== undefined;
    }, "Envoy to take or refuse the listener");
    await pause(QUIET_MS);
    this.#logs.length = 0;
    return changed === outcomes[0];
  }

  async metric(name: string): Promise<number | undefined> {
    return (await this.envoy.stats()).get(`wasmcustom.${name}`);
  }

  async stop(): Promise<string[]> {
    if (this.#stopped) return [];
    this.#stopped = true;
    this.#logs.length = 0;
    await this.envoy.stop();
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
    await rm(this.folder, { recursive: true, force: true });
    return this.#logs;
  }
}

/** Envoy sees a new file only when it is renamed into place. */
async function replaceFile(folder: string, content: string): Promise<string> {
  const path = join(folder, "listeners.json");
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
  return path;
}

async function start(binary: string, configuration: string, options: RigOptions): Promise<Rig> {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const upstreamPort = (server.address() as { port: number }).port;
  const folder = await mkdtemp(join(tmpdir(), "lab-"));
  const wasm = await buildProbe(options.module);
  const { bufferLimit, vmConfiguration, second } = options;
  const base = {
    wasm,
    upstreamPort,
    ...(bufferLimit && { bufferLimit }),
    ...(vmConfiguration && { vmConfiguration }),
  };
  const listeners: EnvoyListener[] = [
    { ...base, name: "first", policy: configuration, port: await freePort() },
  ];
  if (second !== undefined)
    listeners.push({ ...base, name: "second", policy: second, port: await freePort() });
  let rig: EnvoyRig | null = null;
  try {
    const lds = options.updates === true ? await replaceFile(folder, ldsFile(listeners)) : null;
    const envoy = await EnvoyProcess.start({
      binary,
      bootstrap: lds === null ? envoyBootstrap(listeners) : envoyLdsBootstrap(listeners, lds),
      args: ["--drain-time-s", "1"],
      ...(options.workers === undefined ? {} : { concurrency: options.workers }),
      onWasmLog: (line) => rig?.hear(line.message),
    });
    await waitFor(async () => (await envoy.ports()).size === listeners.length, "all listeners");
    rig = new EnvoyRig(envoy, server, listeners, folder, await envoy.ports());
    return rig;
  } catch (error) {
    server.close();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** @param binary path of a real Envoy */
export function envoyLab(binary: string): Lab {
  return {
    name: "envoy",
    missing: null,
    start: (configuration, options = {}) => start(binary, configuration, options),
  };
}
