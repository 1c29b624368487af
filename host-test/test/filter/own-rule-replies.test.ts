/** EHLO replies with lines that are none, of which the last keyword goes: what is left ends as a reply does. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { Plugin } from "../../host/plugin.js";
import { bytes, parameters, text, TIMEOUT_MS } from "../support/arbitrary.js";

const plugin = Plugin.load(
  new Uint8Array(readFileSync(new URL("../../../build/smtp-inspector.wasm", import.meta.url))),
);
afterAll(() => plugin.shutdown());

/** What stands on a line after `250-`, or a line that has no code. */
const line = fc.oneof(
  fc.constantFrom("CHUNKING", "SIZE 1000", "DSN", "").map((keyword) => ({ isReply: true, text: keyword })),
  fc.constantFrom("", "x", "25", "foo").map((word) => ({ isReply: false, text: word })),
);

/** How a server that strips would have written it: a line that stands after the last one belongs to no reply. */
function kept(lines: { isReply: boolean; text: string }[], lastGoes: boolean, eol: string): string {
  const left = lines.filter((each) => each.text !== "CHUNKING");
  if (lastGoes) while (left.length > 1 && left.at(-1)?.isReply === false) left.pop();
  return left
    .map(
      (each, i) => (each.isReply ? `250${i === left.length - 1 ? " " : "-"}${each.text}` : each.text) + eol,
    )
    .join("");
}

test.each([{ ehlo_keywords: { deny: ["chunking"] } }, { commands: { deny: ["bdat"] } }])(
  "an EHLO reply stays one whatever its lines are: %o",
  (own) => {
    expect(plugin.update(bytes(JSON.stringify(own)))).toBe(true);
    plugin.drainOld();
    const last = fc.constantFrom("CHUNKING", "8BITMIME");
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 6 }),
        last,
        fc.constantFrom("\n", "\r\n"),
        (between, end, eol) => {
          const lines = [{ isReply: true, text: "mx" }, ...between, { isReply: true, text: end }];
          const sent = lines.map(({ isReply, text: word }, i) =>
            isReply ? `250${i === lines.length - 1 ? " " : "-"}${word}` : word,
          );
          const connection = plugin.connect();
          connection.fromServer(bytes("220 mx\r\n"));
          connection.fromClient(bytes("EHLO a.example\r\n"));
          connection.fromServer(bytes(sent.map((each) => each + eol).join("")));
          const got = text(connection.toClient).replace(/^220 mx\r\n/, "");
          connection.clientReset();
          expect(got).toBe(kept(lines, end === "CHUNKING", eol));
        },
      ),
      parameters(500),
    );
  },
  TIMEOUT_MS,
);
