/** A mail server that offers STARTTLS and does something else. */
import { createServer, type Socket } from "node:net";
import { Listening } from "./listening.js";

/** Takes all mail in clear, one command a line. */
export class OddServer extends Listening {
  /** The contents of messages. */
  readonly kept: string[] = [];

  private constructor(private readonly toStarttls: string) {
    super(createServer());
  }

  /** Starts on a free port of 127.0.0.1. @param toStarttls all that it answers to STARTTLS, with line ends */
  static async start(toStarttls: string): Promise<OddServer> {
    const odd = new OddServer(toStarttls);
    return odd.listen((socket) => odd.#serve(socket));
  }

  #serve(socket: Socket): void {
    this.keep(socket);
    const state: State = { rest: "", message: null, switched: false };
    socket.write("220 odd.example.test ESMTP\r\n");
    socket.on("data", (data) => {
      // To a hello in the place of a command it has one answer.
      if (state.switched) return void socket.write("500 5.5.2 what\r\n");
      const lines = (state.rest + data.toString("latin1")).split("\r\n");
      state.rest = lines.pop() ?? "";
      for (const line of lines) {
        const isLast = line === "QUIT" && state.message === null;
        socket.write(this.#answer(line, state), "latin1");
        if (isLast) socket.end();
      }
    });
  }

  #answer(line: string, state: State): string {
    const verb = line.slice(0, 4).toUpperCase();
    if (state.message !== null) return this.#keep(line, state);
    if (verb === "EHLO") return "250-odd.example.test\r\n250-STARTTLS\r\n250 8BITMIME\r\n";
    if (verb === "DATA") state.message = "";
    state.switched = line === "STARTTLS" && this.toStarttls.startsWith("220");
    if (line === "STARTTLS") return this.toStarttls;
    return { DATA: "354 go on\r\n", QUIT: "221 2.0.0 bye\r\n" }[verb] ?? "250 2.0.0 ok\r\n";
  }

  #keep(line: string, state: State): string {
    if (line !== ".") {
      state.message += `${line.replace(/^\./, "")}\r\n`;
      return "";
    }
    this.kept.push(state.message ?? "");
    state.message = null;
    return "250 2.0.0 kept\r\n";
  }
}

/** Where a session is. */
interface State {
  /** The unfinished line. */
  rest: string;
  /** The content so far; null outside DATA. */
  message: string | null;
  /** It said 220 to STARTTLS. */
  switched: boolean;
}
