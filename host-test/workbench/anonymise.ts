/** A whole session, anonymised. */
import { anonymous } from "./anonymous.js";
import { joined, linesIn, text } from "./bytes.js";
import { Dialogue } from "./dialogue.js";
import type { Turn } from "./model.js";
import { Pseudonyms } from "./pseudonyms.js";
import { bytesOf, type Spoken } from "./transcript.js";

/** Of TLS the filter checks only the first record's header. */
const TLS_KEPT = 64;
/** Ordinary lines of data in a row that are kept where data is shortened. */
const LINES_KEPT = 4;

/**
 * What both sides said, with other names and content (see `anonymous`). What a side says while the other is silent is
 * one piece, as it may be for a filter that inspects a stream.
 * @param words in upper case: the verbs and keywords that the policy names, which are kept
 * @param shortened whether TLS and long stretches of ordinary data are cut to their first bytes or lines
 */
export function anonymised(
  said: readonly Spoken[],
  words: ReadonlySet<string>,
  shortened: boolean,
): Spoken[] {
  const segments = joinedSegments(said);
  const turns = new Map<Turn, Uint8Array[]>();
  const parts: { segment: number; turn: Turn; size: number }[] = [];
  const dialogue = new Dialogue(() => {});
  for (const [segment, { from, bytes, startsTls }] of segments.entries()) {
    if (startsTls === true && from === "client") dialogue.startTls();
    for (const piece of from === "client" ? [bytes] : linesIn(bytes)) {
      for (const { turn, bytes: own } of dialogue.say(from, piece, 0n, 0)) {
        const all = turns.get(turn);
        if (all === undefined) turns.set(turn, [own]);
        else all.push(own);
        parts.push({ segment, turn, size: own.length });
      }
    }
  }
  const names = new Pseudonyms(words);
  const texts = new Map([...turns].map(([turn, all]) => [turn, anonymous(text(joined(all)), turn, names)]));
  const made = segments.map(() => "");
  const taken = new Map<Turn, number>();
  for (const { segment, turn, size } of parts) {
    const whole = texts.get(turn) as string;
    const from = taken.get(turn) ?? 0;
    taken.set(turn, from + size);
    const end = shortened && turn.kind === "tls" ? Math.min(from + size, TLS_KEPT) : from + size;
    const part = whole.slice(from, end);
    made[segment] += shortened && turn.kind === "data" && turn.mode === "data" ? shorter(part) : part;
  }
  return segments
    .map((segment, index) => ({ ...segment, bytes: bytesOf(made[index] as string) }))
    .filter(({ bytes, end, startsTls }) => bytes.length > 0 || end || startsTls === true);
}

/** What one side says without a word from the other, in one piece. */
function joinedSegments(said: readonly Spoken[]): Spoken[] {
  const rows: Spoken[][] = [];
  for (const spoken of said) {
    const row = rows.at(-1);
    const last = row?.at(-1);
    const isMore = last?.from === spoken.from && isSaid(last) && isSaid(spoken);
    if (row !== undefined && isMore) row.push(spoken);
    else rows.push([spoken]);
  }
  return rows.map((row) => ({ ...(row[0] as Spoken), bytes: joined(row.map(({ bytes }) => bytes)) }));
}

const isSaid = ({ end, startsTls }: Spoken): boolean => !end && startsTls !== true;

/** To a filter, many filler lines in a row that end with CRLF mean no more than a few. */
const shorter = (text: string): string =>
  text.replace(/(?<=^|\r\n)(?:x*\r\n)+/g, (lines) =>
    lines
      .split(/(?<=\n)/)
      .slice(0, LINES_KEPT)
      .join(""),
  );
