/** Transcripts that nobody wrote in good faith: few bytes that unfold to many. */
import { expect, test } from "vitest";
import { parseLines, TextError, unescape } from "../../workbench/lines.js";
import { parseTranscript } from "../../workbench/transcript.js";

test("a run longer than any mail is refused before it is unfolded", () => {
  const wanted = "the conversation is longer than 16777216 bytes";
  expect(() => unescape("{A*999999999999999999999}")).toThrow(wanted);
  expect(() => unescape("{\\xff\\r\\n*16777216}")).toThrow(wanted);
  expect(() => parseLines(["C: ok", "C: {A*9000000}", "C: {B*9000000}"], "x.md", 1)).toThrow(
    `x.md:3: ${wanted}`,
  );
  expect(unescape("{A*16777216}").length).toBe(16_777_216);
});

test("many conversations of lawful length are refused together", () => {
  const block = "```smtp\nC: {A*16000000}\n```\n";
  expect(parseTranscript(block.repeat(4), "x.md").length).toBe(4);
  expect(() => parseTranscript(block.repeat(5), "x.md")).toThrow(
    "x.md:13: the conversations are longer than 67108864 bytes",
  );
});

test("a line that has no mark is quoted in part, however long it is", () => {
  const quoted = `"${"D".repeat(60)}…" has no mark such as "C: "`;
  expect(() => parseLines(["D".repeat(1_000_000)], "x.md", 1)).toThrow(new TextError("x.md", 1, quoted));
});
