/** What source_abuse knows of a source in recordings: what is in the same capture, by its own time. */
import { expect, test } from "vitest";
import { loadJudge, newCounts, replayCapture, replayTranscript } from "../../workbench/sessions.js";
import { parseTranscript } from "../../workbench/transcript.js";
import { captureOf, Talk } from "../support/packets.js";
import { wasmModule } from "../support/vector-node.js";

const policy = (more: object): string =>
  JSON.stringify({ profile: "monitor", protections: { source_abuse: { mode: "prevent", ...more } } });

/** Sessions of one client, each refused one recipient, that begin at these seconds. */
function* harvester(...seconds: number[]): Generator<Buffer> {
  for (const [nth, second] of seconds.entries()) {
    const of = new Talk((1 << 14) + nth, 1_000_000 + second * 1000);
    yield of.open();
    yield of.say("server", "220 mx\r\n");
    yield of.say("client", "RCPT TO:<a@mx.example>\r\n");
    yield of.say("server", "550 5.1.1 unknown\r\n");
    yield of.close();
  }
}

/** The verdict on each session of captures that are played one after the other. */
async function verdicts(more: object, ...captures: number[][]): Promise<string[][]> {
  const judge = loadJudge(wasmModule(), policy(more));
  const found: string[][] = [];
  for (const seconds of captures) {
    const each: string[] = [];
    const played = replayCapture(captureOf(harvester(...seconds)), judge, newCounts());
    for await (const { verdict } of played) each.push(String(verdict));
    found.push(each);
  }
  return found;
}

const LIMITS = { refused_recipients: 2, window: 60, duration: 30 };

test("a burst is one", async () => {
  expect(await verdicts(LIMITS, [0, 1, 2])).toEqual([["detected", "detected", "terminated"]]);
});

test("time passes as the capture has it: what is slower than the window is none, and a refusal ends", async () => {
  expect(await verdicts(LIMITS, [0, 70, 140, 210])).toEqual([Array(4).fill("detected")]);
  expect(await verdicts(LIMITS, [0, 1, 20, 45])).toEqual([
    ["detected", "detected", "terminated", "detected"],
  ]);
});

test("another file begins without a past", async () => {
  expect(await verdicts(LIMITS, [0, 1], [2, 3, 4])).toEqual([
    ["detected", "detected"],
    ["detected", "detected", "terminated"],
  ]);
});

test("each conversation of a transcript is for itself", () => {
  const said = "```smtp\nS: 220 mx\nC: RCPT TO:<a@mx.example>\nS: 550 5.1.1 unknown\n```\n";
  const judge = loadJudge(wasmModule(), policy({ refused_recipients: 1 }));
  const reports = [...replayTranscript(parseTranscript(said.repeat(3), "t.md"), judge)];
  expect(reports.map(({ verdict }) => verdict)).toEqual(Array(3).fill("detected"));
});
