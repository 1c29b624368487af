/** Where in a message's data a finding stands: the byte that caused it, whatever stands before. */
import { expect, test } from "vitest";
import { reportOn } from "../support/reports.js";

const HEAD = [
  "S: 220 mx.example",
  "C: EHLO client.example",
  "S: 250 mx.example",
  "C: MAIL FROM:<a@client.example>",
  "S: 250 ok",
  "C: RCPT TO:<b@mx.example>",
  "S: 250 ok",
  "C: DATA",
  "S: 354 go",
].join("\n");

test.each([
  ["LF, a dot and CRLF", "a\\r\\nb\\n.\\r\\nc", ["lf 4", "smuggled 6"]],
  ["LF, a dot and LF", "a\\r\\nb\\n.\\nc", ["lf 4", "smuggled 6"]],
  ["CRLF, a dot and LF", "a\\r\\n.\\nc", ["lf 4", "smuggled 4"]],
  ["a dot and CR, after a line that begins with one", "..\\r\\n.b\\r\\n.\\rc", ["cr 9", "smuggled 9"]],
  ["a dot between NULs", "a\\r\\n\\0.\\0\\r\\nb", ["nul 3", "smuggled 6"]],
  ["a dot after NUL", "a\\r\\n.\\0\\r\\nb", ["nul 4", "smuggled 5"]],
])("%s", (_, data, expected) => {
  const { turns, findings } = reportOn(`${HEAD}\nC:: ${data}\\r\\n.\\r\\n\nS: 250 queued`);
  const start = turns.find(({ kind }) => kind === "data")?.offset ?? 0;
  const places = findings.map(({ reason, from }) => `${reason} ${from - start}`);
  expect(places.sort()).toEqual(expected);
});
