/** The real Envoy with envoy/envoy.yaml, its ports and servers adapted to this machine. */
import { dirname, join } from "node:path";
import { EnvoyFailed, EnvoyProcess } from "../host/envoy-process.js";
import { findEnvoy } from "../host/envoy-binary.js";
import { UserError } from "./args.js";
import { adapted } from "./envoy-yaml.js";
import type { Front, FrontOptions } from "./front.js";
import { printable } from "../workbench/printable.js";

/**
 * Finds or installs Envoy and starts it.
 * @param yaml text of envoy/envoy.yaml.
 * @param onProgress gets a line of text now and then while something takes long.
 * @throws EnvoyUnavailable when there is none; UserError when it does not start.
 */
export async function startEnvoyFront(
  options: FrontOptions,
  yaml: string,
  onProgress: (line: string) => void,
): Promise<Front> {
  const root = dirname(dirname(options.wasm));
  const binary = await findEnvoy({ root, onProgress });
  const routes = options.routes.map((route) => ({ ...route, policy: options.policy }));
  const bootstrap = adapted(yaml, { routes, wasm: options.wasm, adminPort: 0 });
  let envoy: EnvoyProcess | undefined;
  try {
    envoy = await EnvoyProcess.start({
      binary,
      bootstrap,
      onWasmLog: ({ level, message }) => {
        options.onLog(level, message);
        // The log is kept to explain why Envoy ended; a demo may run for days.
        for (const kept of [envoy?.logs, envoy?.wasmLogs]) kept?.splice(0, kept.length - KEPT_LINES);
      },
    });
  } catch (error) {
    if (!(error instanceof EnvoyFailed)) throw error;
    throw new UserError(`Envoy does not start: ${printable(error.message, 500)}`);
  }
  const started = envoy;
  const died = started.exited.then((code) => {
    const last = started.logs.at(-1) ?? "it logged nothing";
    return `Envoy ended (${code}): ${printable(last, 500)}`;
  });
  return {
    name: `Envoy with ${join("envoy", "envoy.yaml")}, admin on 127.0.0.1:${started.adminPort}`,
    died,
    stop: () => started.stop(),
  };
}

const KEPT_LINES = 200;
