/** `smtp-inspector web`: serves the page to a browser on this machine. */
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, sep } from "node:path";
import { argumentsOf, portOf } from "./arguments.js";
import type { Command } from "./command.js";
import { projectRoot } from "./front.js";

export const web: Command = {
  name: "web",
  summary: "Serves the page for captures, dialogues and policies in a browser",
  help: `Usage: smtp-inspector web [--port N] [--host A]

Serves the page to a browser: open captures or type a dialogue, edit the policy
with the filter's own check and the schema's help beside it, see what each side
receives, compare two policies, save HTML, JSON or a test case.

Everything runs in the browser. Nothing is sent anywhere, not even to this
program: it only serves the page's files. They are in dist/web and work from
any other web server too, in any folder.

  --port N   default 8025; 0: any free port
  --host A   the address to listen on; default 127.0.0.1, which no other machine
             can reach

Ctrl-C stops it. Exit code: 0, 2 when it cannot start, 130 on Ctrl-C.

Examples:
  smtp-inspector web
  smtp-inspector web --port 0
`,
  async run(args, io) {
    const options = { port: { type: "string" }, host: { type: "string" } } as const;
    const { values } = argumentsOf("smtp-inspector web", args, options);
    const port = portOf("--port", values.port ?? "8025", 0);
    const host = values.host ?? "127.0.0.1";
    const server = await listening(pageServer(pageFiles(), isLoopback(host)), host, port);
    const { address, family, port: own } = server.address() as AddressInfo;
    io.out(`http://${family === "IPv6" ? `[${address}]` : address}:${own}/ – Ctrl-C to stop\n`);
    if (!io.signal.aborted) await once(io.signal, "abort");
    server.closeAllConnections();
    server.close();
    await once(server, "close");
    return 0;
  },
};

/** A file of the page, as it is served. */
interface PageFile {
  bytes: Buffer;
  type: string;
}

/** The page's files by their paths in URLs. @throws Error that says how to build them */
function pageFiles(): Map<string, PageFile> {
  const folder = join(projectRoot(), "dist/web");
  const found = new Map<string, PageFile>();
  try {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const type = TYPES[extname(path)] ?? "application/octet-stream";
      found.set(path.slice(folder.length).replaceAll(sep, "/"), { bytes: readFileSync(path), type });
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const start = found.get("/index.html");
  if (start === undefined)
    throw new Error(`${folder} has no page; build it with: npm run build && npm run dist`);
  return found.set("/", start);
}

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};

/** @param onlyLocal answer only to names of this machine, so that nobody can point a name of theirs at it */
function pageServer(files: Map<string, PageFile>, onlyLocal: boolean): Server {
  const page = files.get("/")?.bytes.toString("utf8") ?? "";
  // The page's own policy, and what only a header can say.
  const policy = `${/content="(default-src [^"]*)"/.exec(page)?.[1] ?? "default-src 'none'"}; frame-ancestors 'none'`;
  const headers = {
    "Content-Security-Policy": policy,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-cache",
  };
  return createServer((request: IncomingMessage, response: ServerResponse) => {
    const refuse = (status: number, what: string, more: Record<string, string> = {}): void => {
      response.writeHead(status, { ...headers, ...more, "Content-Type": "text/plain; charset=utf-8" });
      response.end(`${what}\n`);
    };
    if (onlyLocal && !LOCAL_NAMES.test(request.headers.host ?? "")) {
      refuse(421, "this server does not serve that host name");
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      refuse(405, "GET and HEAD only", { Allow: "GET, HEAD" });
    } else {
      const file = files.get((request.url ?? "").replace(/[?#].*$/s, ""));
      if (file === undefined) return refuse(404, "no such file");
      response.writeHead(200, {
        ...headers,
        "Content-Type": file.type,
        "Content-Length": file.bytes.length,
      });
      response.end(request.method === "HEAD" ? undefined : file.bytes);
    }
  });
}

const LOCAL_NAMES = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/i;

const isLoopback = (host: string): boolean => /^(?:localhost|127\.[\d.]+|::1)$/i.test(host);

/** @throws Error that names the option and the fix */
async function listening(server: Server, host: string, port: number): Promise<Server> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = {
      EADDRINUSE: `--port ${port}: already in use; choose another, or 0 for any`,
      EACCES: `--port ${port}: needs root; choose 1024 or higher`,
    }[code ?? ""];
    throw new Error(why ?? `--host ${host}: ${message}; give an address of this machine`, { cause: error });
  }
  return server;
}
