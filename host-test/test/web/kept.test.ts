/** What the worker keeps of a run: bounded, and what tells something before the rest. */
import { describe, expect, test } from "vitest";
import { filterModule } from "../../cli/front.js";
import { exported } from "../../web/exports.js";
import { KeptSessions, weightOf } from "../../web/kept.js";
import type { Answer, SessionRow } from "../../web/messages.js";
import { MOST_ROWS, Run } from "../../web/run.js";
import { conversationsIn } from "../../web/inputs.js";
import type { SessionReport } from "../../workbench/model.js";
import { loadJudge } from "../../workbench/sessions.js";

const PLAIN = "```smtp\nS: 220 mx.example\nC: NOOP\nS: 250 ok\n```\n";
const FOUND = "```smtp\nS: 220 mx.example\nC: XADR\nS: 250 ok\n```\n";

/** Judges a transcript. */
async function run(
  text: string,
  kept: KeptSessions,
  stop = new AbortController(),
): Promise<{ rows: SessionRow[]; run: Run }> {
  const rows: SessionRow[] = [];
  const made = new Run({
    run: 1,
    input: { kind: "dialogue", conversations: conversationsIn(text) },
    policies: ["{}"],
    judges: [loadJudge(filterModule(), "{}")],
    kept,
    signal: stop.signal,
    tell: (answer: Answer) => {
      if (answer.say === "rows") rows.push(...answer.rows);
    },
  });
  await made.play();
  return { rows, run: made };
}

const ids = (kept: KeptSessions): number[] =>
  kept.all().map(({ reports }) => (reports[0] as SessionReport).id);

describe("reports", () => {
  test("fill what there is room for; those without findings give way, the oldest first", async () => {
    const whole = new KeptSessions();
    await run(PLAIN + FOUND, whole);
    const [plain, found] = whole.all().map(weightOf) as [number, number];
    expect(whole.bytes).toBe(plain + found);
    expect([found > plain, found < 3 * plain]).toEqual([true, true]);
    const room = 4 * plain;
    const full = new KeptSessions(room);
    await run(PLAIN.repeat(6), full);
    expect(ids(full)).toEqual([0, 1, 2, 3]);
    const small = new KeptSessions(room);
    await run(PLAIN.repeat(4) + FOUND, small);
    expect(ids(small)).toEqual([3, 4]);
    expect(small.bytes).toBeLessThanOrEqual(room);
    expect(small.bytes).toBe(small.all().reduce((sum, session) => sum + weightOf(session), 0));
  });

  test("are never more than the room, whatever comes", async () => {
    const kept = new KeptSessions(10_000);
    await run((FOUND + PLAIN).repeat(50), kept);
    expect(kept.bytes).toBeLessThanOrEqual(10_000);
    expect(ids(kept).every((id) => id % 2 === 0)).toBe(true);
    kept.clear();
    expect([kept.bytes, kept.all()]).toEqual([0, []]);
  });
});

test("what is saved says which sessions are not in it", async () => {
  const kept = new KeptSessions(10_000);
  const { run: made } = await run(PLAIN.repeat(20), kept);
  const request = { ask: "export", run: 1, format: "json", slot: 0, index: 0 } as const;
  const { name, blob, note } = await exported(filterModule(), request, kept, made);
  const lines = (await blob.text()).trimEnd().split("\n");
  expect(kept.all().length).toBeLessThan(20);
  // Each session that is kept, then the file: its counts are those of all.
  expect(lines.length).toBe(kept.all().length + 1);
  expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ file: "dialogue", sessions: 20, error: null });
  expect(note).toBe(`${20 - kept.all().length} of 20 sessions are missing: not all are kept`);
  expect(name).toBe("smtp-sessions.jsonl");
});

describe("rows", () => {
  test("of sessions without findings or change fill half of the list, the others all of it; the rest is counted", async () => {
    const half = MOST_ROWS / 2;
    const { rows, run: made } = await run(
      PLAIN.repeat(half + 5) + FOUND.repeat(half + 7),
      new KeptSessions(),
    );
    expect(rows.length).toBe(MOST_ROWS);
    expect(rows.filter(({ outcomes }) => outcomes[0]?.findings === 0).length).toBe(half);
    expect(made.tally).toEqual({
      sessions: MOST_ROWS + 12,
      withFindings: half + 7,
      changed: 0,
      notJudged: 0,
      unlisted: 12,
    });
  }, 120_000);
});

test("a transcript of very many conversations lets the page in between, and stops when asked", async () => {
  const stop = new AbortController();
  // A task of its own, as a message of the page is.
  setTimeout(() => stop.abort());
  const { run: made } = await run(PLAIN.repeat(20_000), new KeptSessions(), stop);
  expect(made.tally.sessions).toBeLessThan(20_000);
  expect(made.tally.sessions).toBeGreaterThan(0);
});
