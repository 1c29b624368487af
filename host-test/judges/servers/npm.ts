/** npm's smtp-server. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../cli/front.js";
import { KeepingServer } from "../../peers/mail.js";
import { type Kept, MESSAGE_LIMIT, type MailServer, type MailServerOptions } from "../mail-server.js";

/** Starts npm's smtp-server. */
export async function startNpmServer(options: MailServerOptions): Promise<MailServer> {
  const [cert, key] = await Promise.all([readFile(options.cert), readFile(options.key)]);
  const server = await KeepingServer.start({
    cert,
    key,
    size: MESSAGE_LIMIT,
    authMethods: ["PLAIN", "LOGIN", "XOAUTH2"],
    // Any client name will do, and any password.
    onAuth: (auth, _session, done) => done(null, { user: auth.username ?? "anybody" }),
  });
  const manifest = await readFile(join(projectRoot(), "node_modules/smtp-server/package.json"), "utf8");
  return {
    name: `smtp-server ${(JSON.parse(manifest) as { version: string }).version}`,
    port: server.port,
    kept: () => Promise.resolve(server.kept.map(inOctets)),
    stop: () => server.stop(),
  };
}

/** The envelope as a character an octet, as from other servers. */
function inOctets(kept: Kept): Kept {
  return { ...kept, from: octets(kept.from), to: kept.to.map(octets) };
}

function octets(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
