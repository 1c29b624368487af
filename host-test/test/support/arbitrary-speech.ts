/** Sessions in which both sides say anything at any time. */
import fc from "fast-check";
import type { Speech } from "./arbitrary-filter.js";
import { line, noise, smtpAlphabet } from "./grammar.js";

/** Replies that move a session somewhere, and a line that is none. */
export const REPLIES = [
  "220 mx\r\n",
  "250 ok\r\n",
  "250-a\r\n250 b\r\n",
  "354 go\r\n",
  "334 \r\n",
  "235 in\r\n",
  "550 no\r\n",
  "421 bye\r\n",
  "junk\n",
];

const clientSpeech = fc.oneof({ weight: 3, arbitrary: line }, smtpAlphabet, noise);
const serverSpeech = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...REPLIES) }, smtpAlphabet, noise);

/** Both sides say anything at any time; at the end of its stream a side has said all. */
export const speeches: fc.Arbitrary<Speech[]> = fc
  .tuple(
    fc.boolean(),
    fc.array(
      fc.oneof(
        clientSpeech.map((text): Speech => ({ side: "client", text, end: false })),
        serverSpeech.map((text): Speech => ({ side: "server", text, end: false })),
      ),
      { minLength: 1, maxLength: 14 },
    ),
    fc.nat({ max: 30 }),
    fc.nat({ max: 30 }),
  )
  .map(([greets, all, clientEnd, serverEnd]) => {
    const said = greets ? [{ side: "server" as const, text: "220 mx\r\n", end: false }, ...all] : all;
    return endAt(endAt(said, "client", clientEnd), "server", serverEnd);
  });

function endAt(all: Speech[], side: Speech["side"], at: number): Speech[] {
  const index = all.findIndex((speech, nth) => nth >= at && speech.side === side);
  if (index < 0) return all;
  const before = all.slice(0, index).concat({ ...(all[index] as Speech), end: true });
  return [...before, ...all.slice(index + 1).filter((speech) => speech.side !== side)];
}
