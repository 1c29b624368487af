/** What stands between the client and the demo's servers: Envoy, or the Node proxy with the same wasm. */
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "./args.js";
import type { ProxyTls } from "./proxy-tls.js";

/** One port to listen on and the server behind it, both on 127.0.0.1. */
export interface Route {
  port: number;
  upstream: number;
}

/** What a front needs, whichever kind it is. */
export interface FrontOptions {
  routes: Route[];
  /** The policy's JSON text. */
  policy: string;
  /** Path of the wasm module. */
  wasm: string;
  /** Gets each line that the filter logs, with its level ("info", "warn", …). */
  onLog: (level: string, message: string) => void;
  /** Gets one line when the front itself has a problem. */
  onProblem: (message: string) => void;
  /** How it speaks TLS; nothing by default. Only the Node proxy does. */
  tls?: ProxyTls;
}

/** A running front. */
export interface Front {
  /** For people, such as "Envoy 1.40.0". */
  name: string;
  /** Resolves with the reason when the front ends by itself. */
  died: Promise<string>;
  stop(): Promise<void>;
}

/** Directory of the repository: the nearest one above this file with a package.json. */
export function projectRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, "package.json"))) {
    const parent = dirname(directory);
    if (parent === directory)
      throw new UserError("no package.json above the program: use a complete checkout");
    directory = parent;
  }
  return directory;
}

/** Reads a file that the user can supply. @throws UserError that names the file and the `remedy`. */
export function readOrExplain(path: string, remedy: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UserError(`${path}: ${code === "ENOENT" ? "no such file" : String(code)}; ${remedy}`);
  }
}

/** Path of the module that Envoy loads, built or not. */
export const modulePath = (): string => join(projectRoot(), "build/smtp-inspector.wasm");

/** The module that Envoy loads. @throws UserError when it is not built */
export function filterModule(): WebAssembly.Module {
  return new WebAssembly.Module(new Uint8Array(readOrExplain(modulePath(), "build it with: npm run build")));
}

/** Makes sure that `port` of 127.0.0.1 can be listened on, and finds a free one for 0. @throws UserError */
export async function claimPort(port: number): Promise<number> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === "EADDRINUSE"
        ? "is already in use"
        : code === "EACCES"
          ? "needs root"
          : `cannot be used (${code})`;
    throw new UserError(`port ${port} of 127.0.0.1 ${why}: choose another with --port`, 2);
  }
  const address = server.address();
  server.close();
  await once(server, "close");
  return address !== null && typeof address === "object" ? address.port : port;
}
