/** What a server would say to the filter's own commands, which no recording has. */
import { joined, text } from "./bytes.js";
import { bytesOf } from "./transcript.js";

export class OwnAnswers {
  /** Lines of the last reply to a greeting. */
  #hello: Uint8Array[] = [];

  /** The server answers a command. @param command such as "EHLO" */
  hears(command: string, line: Uint8Array): void {
    if (!/^(?:EHLO|LHLO)\b/i.test(command)) return;
    const before = text(this.#hello.at(-1) ?? bytesOf(""));
    if (!/^\d{3}-/.test(before)) this.#hello = [];
    if (this.#hello.length < MOST_LINES) this.#hello.push(line.slice());
  }

  /** @param command its beginning is enough */
  to(command: string): { reply: Uint8Array; leaves: boolean } {
    if (command.startsWith("QUIT")) return { reply: bytesOf("221 2.0.0 bye\r\n"), leaves: true };
    if (command.startsWith("STARTTLS")) return { reply: bytesOf("220 2.0.0 go ahead\r\n"), leaves: false };
    const isHello = /^(?:EHLO|LHLO|HELO)\b/i.test(command) && this.#hello.length > 0;
    return { reply: isHello ? this.#inside() : bytesOf("250 2.0.0 ok\r\n"), leaves: false };
  }

  /** The reply to the greeting as it is inside TLS: without STARTTLS (RFC 3207 4.2). */
  #inside(): Uint8Array {
    const lines = text(joined(this.#hello)).split(/(?<=\n)/);
    const left = lines.filter((line) => !/^\d{3}[- ]STARTTLS\s*$/i.test(line));
    return bytesOf(
      left
        .map((line, index) => `${line.slice(0, 3)}${index < left.length - 1 ? "-" : " "}${line.slice(4)}`)
        .join(""),
    );
  }
}

/** Keywords of a reply that are kept. */
const MOST_LINES = 64;

/** Whether a recording may have the server's own answer to it: one that was made inside TLS does. */
export const mayBeAnswered = (command: string): boolean => /^(?:STARTTLS|EHLO|LHLO|HELO)\b/i.test(command);
