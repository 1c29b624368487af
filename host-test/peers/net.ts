/** Ports, readiness and certificates for the services that a test starts. */
import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

/**
 * A port of 127.0.0.1 that nobody listens on now. It lies below those that Linux gives to clients, and to servers that ask
 * for any (32768 and up): one of these was sometimes taken again before the server that it was for could bind it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_768);
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") continue;
      throw error;
    }
    server.close();
    await once(server, "close");
    return port;
  }
}

/** Asks `ready` again and again until it says yes. @throws Error naming `what` after `limitMs` milliseconds. */
export async function waitFor(
  ready: () => boolean | Promise<boolean>,
  what: string,
  limitMs = 10_000,
): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await ready())) {
    if (Date.now() > end) throw new Error(`waited ${limitMs} ms in vain for: ${what}`);
    await pause(20);
  }
}

/** Rejects when `promise` takes longer than `limitMs`, naming `what`. */
export function within<T>(promise: Promise<T>, what: string, limitMs = 10_000): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${limitMs} ms in vain for: ${what}`)), limitMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Makes a self-signed certificate for 127.0.0.1 in a new temporary directory; the caller removes `directory`. */
export async function selfSigned(): Promise<{ directory: string; cert: string; key: string }> {
  const directory = await mkdtemp(join(tmpdir(), "smtp-inspector-tls-"));
  const [cert, key] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  const subject = ["-subj", "/CN=mx.example.test", "-addext", "subjectAltName=IP:127.0.0.1"];
  await promisify(execFile)("openssl", [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(" "),
    ...["-keyout", key, "-out", cert],
    ...subject,
  ]);
  return { directory, cert, key };
}
