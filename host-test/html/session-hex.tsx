/** A turn's bytes in hex, on demand. */
import { text } from "../workbench/bytes.js";
import type { Turn } from "../workbench/model.js";
import { MarkedText, runsOf } from "./session-marks.js";

const ROW = 16;
/** Bytes of a turn that are dumped from its start, so that a file of many messages can still be opened. */
const DUMPED = 1024;
/** Rows before and after a later finding; and how many of those findings get rows. */
const ROWS_AROUND = 2;
const MOST_PLACES = 16;
/** Characters of a line that are enough to recognise it. */
const NAME = 40;

interface HexProps {
  turn: Turn;
  /** The line's number in the session, and its text as it is shown. */
  number: number;
  line: string;
}

/** Nothing for what may contain credentials, and for what is not kept. */
export function HexView({ turn, number, line }: HexProps) {
  if (turn.secret || turn.bytes.length === 0) return null;
  const starts = rowStarts(turn);
  const dumped = starts.reduce((sum, at) => sum + Math.min(ROW, turn.bytes.length - at), 0);
  return (
    <details class="session-hex">
      <summary>
        hex
        <span class="session-unseen">
          {" "}
          of line {number}: {line.length > NAME ? `${line.slice(0, NAME)}…` : line}
        </span>
      </summary>
      <pre tabIndex={0} aria-label="Offset, hex and ASCII">
        {starts.map((at, index) => (
          <>
            {index > 0 && at !== (starts[index - 1] as number) + ROW ? "…\n" : ""}
            <HexRow turn={turn} at={at} />
          </>
        ))}
        {dumped < turn.size ? `… ${dumped} of ${turn.size} bytes\n` : ""}
      </pre>
    </details>
  );
}

function HexRow({ turn, at }: { turn: Turn; at: number }) {
  const runs = runsOf(turn, at, Math.min(turn.bytes.length, at + ROW));
  const size = runs.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return (
    <>
      {at.toString(16).padStart(6, "0")}
      {"  "}
      {runs.map((run, index) => (
        <>
          {index > 0 ? " " : ""}
          <MarkedText runs={[run]} shown={hex} />
        </>
      ))}
      {"   ".repeat(ROW - size)}
      {"  "}
      <MarkedText runs={runs} shown={ascii} />
      {"\n"}
    </>
  );
}

/** Where the rows of the dump begin: the first rows, and those around each finding. */
function rowStarts(turn: Turn): number[] {
  const last = turn.bytes.length - 1;
  const starts = new Set<number>();
  const add = (from: number, to: number): void => {
    for (let row = Math.max(0, from); row <= Math.min(to, Math.floor(last / ROW)); row++)
      starts.add(row * ROW);
  };
  add(0, DUMPED / ROW - 1);
  for (const finding of turn.findings.slice(0, MOST_PLACES)) {
    const row = Math.floor((finding.from - (turn.offset ?? 0)) / ROW);
    if (row * ROW <= last) add(row - ROWS_AROUND, row + ROWS_AROUND);
  }
  return [...starts].sort((a, b) => a - b);
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

const ascii = (bytes: Uint8Array): string => text(bytes).replace(/[^\x20-\x7e]/g, ".");
