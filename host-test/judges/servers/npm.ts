/** npm's smtp-server. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../cli/front.js";
import { KeepingServer } from "../../peers/mail.js";
import { MESSAGE_LIMIT, type MailServer, type MailServerOptions } from "../mail-server.js";

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
    kept: () => Promise.resolve([...server.kept]),
    stop: () => server.stop(),
  };
}
