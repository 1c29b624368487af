import { expect } from "vitest";
import type { Connection } from "../../host/plugin.js";
import { Plugin, WasmTrap } from "../../host/plugin.js";
import type { Lab, Rig, RigOptions, Session, Side, View } from "./lab.js";
import { bytes, readModule, text } from "./lab.js";
import { buildProbe } from "./probe.js";

const NOTHING = new Uint8Array(0);

/** A trap is part of some scenarios; what it does to connections is compared, not the exception. */
async function trapping(action: () => void): Promise<void> {
  try {
    action();
  } catch (error) {
    if (!(error instanceof WasmTrap)) throw error;
  }
}

class NodeSession implements Session {
  readonly client: Side;
  readonly server: Side;

  constructor(
    private readonly connection: Connection,
    private readonly logs: string[],
  ) {
    this.client = {
      send: (data) => trapping(() => connection.fromClient(bytes(data))),
      end: () => trapping(() => connection.fromClient(NOTHING, true)),
      reset: () => trapping(() => connection.clientReset()),
    };
    this.server = {
      send: (data) => trapping(() => connection.fromServer(bytes(data))),
      end: () => trapping(() => connection.fromServer(NOTHING, true)),
      reset: () => trapping(() => connection.serverReset()),
    };
  }

  async peek(): Promise<string[]> {
    return [...this.logs];
  }

  async sees(view: View): Promise<void> {
    const { connection } = this;
    const closed = connection.closed !== null;
    const all: Required<View> = {
      logs: view.logs === undefined ? [] : this.logs.splice(0),
      server: text(connection.toServer),
      client: text(connection.toClient),
      serverLength: connection.toServer.length,
      serverEnded: connection.serverEnded || closed,
      clientEnded: connection.clientEnded || closed,
    };
    const seen = Object.fromEntries(Object.keys(view).map((key) => [key, all[key as keyof View]]));
    expect(seen).toEqual(view);
  }
}

async function start(configuration: string, options: RigOptions = {}): Promise<Rig> {
  const plugin = Plugin.load(await readModule(await buildProbe(options.module)), {
    configuration,
    ...(options.workers === undefined ? {} : { workers: options.workers }),
    ...(options.vmConfiguration === undefined ? {} : { vmConfiguration: options.vmConfiguration }),
  });
  const plugins = [plugin];
  if (options.second !== undefined) plugins.push(plugin.addListener(options.second));
  const pending: string[] = plugins.flatMap((each) => each.logs.map((line) => line.message));
  const startLogs = pending.splice(0);
  for (const each of plugins) each.onLog = (line) => pending.push(line.message);
  return {
    startLogs,
    connect: async (listener = 0) => {
      const target = plugins[listener] as Plugin;
      const limit = options.bufferLimit;
      const connection = target.connect(limit === undefined ? {} : { bufferLimit: limit });
      return new NodeSession(connection, pending);
    },
    tick: () => trapping(() => plugin.tick()),
    update: async (text) => {
      const taken = plugin.update(text);
      // The trial, the main thread and the workers all say the same; in Envoy in any order.
      pending.length = 0;
      return taken;
    },
    drainOld: async () => plugin.drainOld(),
    metric: async (name) => plugin.metric(name),
    stop: async () => {
      pending.length = 0;
      for (const each of plugins) each.shutdown();
      return pending.splice(0);
    },
  };
}

export const nodeLab: Lab = { name: "node", missing: null, start };
