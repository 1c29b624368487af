/** Traffic for `tune`: conversations as transcripts, and captures in which each client has an address of its own. */
import { Talk, pcapHead } from "../support/packets.js";

/** A transcript of conversations, each a greeting, then these lines. */
export const transcript = (...conversations: string[]): string =>
  conversations.map((lines) => `\`\`\`smtp\nS: 220 mx\nC: EHLO a\nS: 250 mx\n${lines}\n\`\`\`\n`).join("");

export const XADR = "XADR\r\n";
export const QUIT = "QUIT\r\n";

export const policyIn = (out: string): Record<string, unknown> =>
  (JSON.parse(out) as { policy: Record<string, unknown> }).policy;

/** Sessions, each of a client with an address of its own, 10.0.0.<number>, that says a line. */
export function capture(...sessions: [client: number, line: string][]): Buffer {
  const at = new Map<number, number>();
  const talks = sessions.map(([client, line]) => {
    const nth = at.get(client) ?? 0;
    at.set(client, nth + 1);
    return talk(client, line, {}, nth);
  });
  return Buffer.concat([pcapHead(), ...talks]);
}

export function talk(
  client: number,
  line: string,
  { greeting = "220 mx\r\n", reply = "250 ok\r\n" } = {},
  nth = 0,
): Buffer {
  const of = new Talk((client << 14) + nth);
  const hello = [
    of.open(),
    of.say("server", greeting),
    of.say("client", "EHLO a\r\n"),
    of.say("server", "250 mx\r\n"),
  ];
  return Buffer.concat([...hello, of.say("client", line), of.say("server", reply), of.close()]);
}
