/**
 * A typical inspecting proxy in Node: `node node-relay.js <port> <server port>`. The package smtp-server
 * parses what the client sends, nodemailer's connection sends it on, one connection to the server for each client. The
 * client's message is accepted when the server has accepted it; nothing is stored.
 */
import SMTPConnection from "nodemailer/lib/smtp-connection/index.js";
import { SMTPServer, type SMTPServerSession } from "smtp-server";

const [port = 0, upstream = 0] = process.argv.slice(2).map(Number);
const connections = new Map<string, Promise<SMTPConnection>>();

function toServer(session: SMTPServerSession): Promise<SMTPConnection> {
  const known = connections.get(session.id);
  if (known !== undefined) return known;
  const connection = new SMTPConnection({ host: "127.0.0.1", port: upstream, ignoreTLS: true });
  const connected = new Promise<SMTPConnection>((resolve, reject) => {
    connection.once("error", reject);
    connection.connect((error) => (error ? reject(error) : resolve(connection)));
  });
  connections.set(session.id, connected);
  return connected;
}

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ["AUTH", "STARTTLS"],
  disableReverseLookup: true,
  logger: false,
  onData(stream, session, callback) {
    const from = session.envelope.mailFrom === false ? "" : session.envelope.mailFrom.address;
    const to = session.envelope.rcptTo.map((each) => each.address);
    toServer(session)
      .then((connection) => connection.send({ from, to }, stream, (error) => callback(error)))
      .catch((error: Error) => callback(error));
  },
  onClose(session) {
    const connected = connections.get(session.id);
    connections.delete(session.id);
    connected?.then((connection) => connection.quit()).catch(() => {});
  },
});
// A client that resets its connection must not end this program.
server.on("error", () => {});
server.listen(port, "127.0.0.1");
