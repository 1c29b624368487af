/** Postfix as Debian ships it, with everything that it receives held in its queue, where a message is before its 250. */
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Postfix } from "../../peers/postfix.js";
import {
  DOMAIN,
  MESSAGE_LIMIT,
  PATIENCE,
  RECIPIENT_LIMIT,
  type MailServer,
  type MailServerOptions,
  type Kept,
} from "../mail-server.js";

/** Postfix may still be writing when it is stopped. */
const REMOVAL = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 };

/** Debian's defaults: without the fixes for CVE-2023-51764, which are off in 3.7. */
const AS_SHIPPED = { smtpd_forbid_unauth_pipelining: "no", smtpd_forbid_bare_newline: "no" };

/**
 * Starts Postfix.
 * @param settings lines of main.cf that take the place of these here
 * @throws Error that says what is missing
 */
export async function startPostfix(
  options: MailServerOptions,
  settings: Record<string, string> = {},
): Promise<MailServer> {
  const queue = await mkdtemp(join(tmpdir(), "smtp-inspector-queue-"));
  await chmod(queue, 0o755);
  const remove = (): Promise<void> => rm(queue, REMOVAL);
  const postfix = await Postfix.start({
    tls: options,
    settings: {
      queue_directory: queue,
      myorigin: DOMAIN,
      mynetworks: "127.0.0.0/8",
      virtual_mailbox_domains: DOMAIN,
      message_size_limit: String(MESSAGE_LIMIT),
      smtpd_recipient_limit: String(RECIPIENT_LIMIT),
      // Delivering 2,000 copies of a message would take longer than all the rest.
      smtpd_data_restrictions: "check_client_access static:HOLD",
      ...(options.patient === true ? { smtpd_hard_error_limit: String(PATIENCE) } : {}),
      ...AS_SHIPPED,
      ...settings,
    },
  }).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const { stdout } = await promisify(execFile)("postconf", ["-dh", "mail_version"]);
  return {
    name: `Postfix ${stdout.trim()}`,
    port: postfix.port,
    async kept() {
      const hold = join(queue, "hold");
      const names = (await readdir(hold, { recursive: true })).filter((name) => /(?:^|\/)\w{6,}$/.test(name));
      return Promise.all(names.map(async (name) => parse(await readFile(join(hold, name), "latin1"))));
    },
    async stop() {
      await postfix.stop();
      await remove();
    },
  };
}

/** Takes a message out of a file of Postfix's queue: records of a type, a length in base 128, and the bytes (rec_type.h). */
function parse(file: string): Kept {
  const kept: Kept = { from: "", to: [], content: "" };
  for (let at = 0; at < file.length;) {
    const type = file[at++];
    let length = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      const byte = file.charCodeAt(at++);
      length |= (byte & 0x7f) << shift;
      more = (byte & 0x80) !== 0;
    }
    const data = file.slice(at, at + length);
    at += length;
    if (type === "S") kept.from = data;
    else if (type === "R") kept.to.push(data);
    else if (type === "N") kept.content += `${data}\r\n`;
    else if (type === "L") kept.content += data;
  }
  kept.content = kept.content.replace(/^Received: .*\r\n(?:[\t ].*\r\n)*/, "");
  return kept;
}
