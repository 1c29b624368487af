/**
 * Sink with CHUNKING, which smtp-sink lacks: `node sink.js <port>` accepts every message on 127.0.0.1 and forgets it.
 * BDAT's octets are counted, not read. It serves the benchmark's own client and is not strict about anything.
 */
import { createServer, type Socket } from "node:net";

const EHLO =
  "250-sink.example.test\r\n250-PIPELINING\r\n250-SIZE\r\n250-8BITMIME\r\n250-BINARYMIME\r\n250 CHUNKING\r\n";
/** RFC 5321 4.5.3.1.4 has 512; room for SMTP extensions on top. */
const LINE_LIMIT = 4096;

function serve(socket: Socket): void {
  let line = "";
  let payload = 0;
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.write("220 sink.example.test ESMTP\r\n");
  socket.on("data", (chunk: Buffer) => {
    let replies = "";
    let at = 0;
    while (at < chunk.length) {
      if (payload > 0) {
        const taken = Math.min(payload, chunk.length - at);
        at += taken;
        payload -= taken;
        if (payload === 0) replies += "250 2.0.0 OK\r\n";
        continue;
      }
      const end = chunk.indexOf(10, at);
      line += chunk.toString("latin1", at, end < 0 ? chunk.length : end);
      at = end < 0 ? chunk.length : end + 1;
      if (line.length > LINE_LIMIT) return void socket.destroy();
      if (end < 0) break;
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === "BDAT") payload = Number(/^BDAT (\d{1,12})/i.exec(line)?.[1] ?? 0);
      if (verb === "QUIT") return void socket.end(`${replies}221 2.0.0 Bye\r\n`);
      if (verb === "EHLO") replies += EHLO;
      else if (verb === "DATA") replies += "502 5.5.1 BDAT only\r\n";
      else if (verb !== "BDAT" || payload === 0) replies += "250 2.0.0 OK\r\n";
      line = "";
    }
    if (replies !== "") socket.write(replies);
  });
}

createServer(serve).listen(Number(process.argv[2]), "127.0.0.1", 1000);
