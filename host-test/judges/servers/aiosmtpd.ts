/** Python's aiosmtpd. It hands every message to a few lines of Python that print it, one JSON object a line. */
import { freePort } from "../../peers/net.js";
import { ServerProcess } from "../child.js";
import { pythonServer } from "../install.js";
import { MESSAGE_LIMIT, type MailServer, type MailServerOptions, type Kept } from "../mail-server.js";

/** The version of today, and the last one that had CVE-2024-27305. */
export type AiosmtpdVersion = "1.4.6" | "1.4.4";

const REQUIREMENTS = { "1.4.6": "requirements.txt", "1.4.4": "requirements-old.txt" };

/** Starts aiosmtpd. @throws Error that says what is missing */
export async function startAiosmtpd(
  version: AiosmtpdVersion,
  options: MailServerOptions,
): Promise<MailServer> {
  const packages = await pythonServer(`aiosmtpd-${version}`, REQUIREMENTS[version]);
  const port = await freePort();
  const kept: Kept[] = [];
  let rest = "";
  const server = await ServerProcess.start({
    command: "python3",
    args: ["-c", PROGRAM, String(port), String(MESSAGE_LIMIT), options.cert, options.key],
    env: { PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: "1", PYTHONUNBUFFERED: "1" },
    port,
    onOutput(text) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) kept.push(JSON.parse(line) as Kept);
    },
  });
  return {
    name: `aiosmtpd ${version}`,
    port,
    kept: () => Promise.resolve([...kept]),
    stop: () => server.stop(),
  };
}

const PROGRAM = `
import asyncio, json, logging, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult
port, limit, cert, key = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
logging.disable(logging.CRITICAL)

def text(address):
    return (address or "").encode("utf-8", "surrogateescape").decode("latin-1")

class Keep:
    async def handle_DATA(self, server, session, envelope):
        print(json.dumps({
            "from": text(envelope.mail_from),
            "to": [text(each) for each in envelope.rcpt_tos],
            "content": envelope.original_content.decode("latin-1"),
        }), flush=True)
        return "250 2.0.0 kept"

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(cert, key)

def session():
    return SMTP(Keep(), data_size_limit=limit, enable_SMTPUTF8=True, hostname="mx.judge.test",
        tls_context=context, require_starttls=False, auth_required=False, auth_require_tls=False,
        authenticator=lambda *_: AuthResult(success=True), timeout=60)

async def serve():
    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", port, backlog=200)
    await server.serve_forever()

asyncio.run(serve())
`;
