/** A mail server that says yes to everything: what matters is what reaches it. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

export class YesServer {
  /** All that reached it, one character a byte. */
  received = "";
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<YesServer> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const yes = new YesServer(server);
    server.on("connection", (socket) => yes.serve(socket));
    return yes;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, "close");
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.sockets.delete(socket));
    socket.write("220 mx.example ready\r\n");
    let inData = false;
    let rest = "";
    socket.on("data", (chunk) => {
      this.received += chunk.toString("latin1");
      const lines = (rest + chunk.toString("latin1")).split("\r\n");
      rest = lines.pop() as string;
      for (const line of lines) {
        if (inData && line !== ".") continue;
        inData = line === "DATA";
        if (inData) socket.write("354 go\r\n");
        else if (line.startsWith("EHLO")) socket.write("250-mx.example\r\n250 PIPELINING\r\n");
        else if (line === "AUTH LOGIN") socket.write("503 no\r\n");
        else if (line === "QUIT") socket.end("221 bye\r\n");
        else socket.write("250 ok\r\n");
      }
    });
  }
}
