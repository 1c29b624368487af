/** The front for machines without Envoy: the same wasm in the Node host, on plain sockets. */
import type { Front, FrontOptions } from "./front.js";
import { Plugin } from "../host/plugin.js";
import { NodeProxy } from "./node-proxy.js";

/** Starts one proxy for each route. @throws ConfigurationRefused when the policy is bad. */
export async function startNodeFront(options: FrontOptions, module: WebAssembly.Module): Promise<Front> {
  const load = (): Plugin => {
    const plugin = Plugin.load(module, { configuration: options.policy, name: "smtp_inspector" });
    plugin.onLog = ({ level, message }) => options.onLog(level, message);
    return plugin;
  };
  const proxies: NodeProxy[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(proxies.map((proxy) => proxy.stop()));
  };
  try {
    for (const { port, upstream } of options.routes) {
      const proxy = await NodeProxy.start({
        load,
        listen: { host: "127.0.0.1", port },
        upstream: { host: "127.0.0.1", port: upstream },
        onError: options.onProblem,
        ...(options.tls && { tls: options.tls }),
      });
      proxies.push(proxy);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { name: `Node ${process.versions.node}`, died: new Promise(() => {}), stop };
}
