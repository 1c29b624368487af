/** One session as two lanes: the same lines, marks and words as in the text output. */
import type { SessionReport, Turn } from "../workbench/model.js";
import { escaped, notesBefore, outcomeOf, when } from "../workbench/view.js";
import { ReceivedView } from "./session-received.js";
import { TurnView } from "./session-turn.js";

/** Turns that are shown: as many as a browser lays out without a pause. */
const SHOWN_TURNS = 500;
/** Turns before and after one with findings that are shown with it, if not all are shown. */
const AROUND = 3;

interface SessionProps {
  report: SessionReport;
  /** How many turns are shown: this many from the start, and at most as many again around later findings. */
  limit?: number;
  /** The element's id, for links to it. */
  anchor?: string;
  /** Whether each line is followed by its bytes in hex, which costs one keyboard stop per line. */
  hasHex?: boolean;
}

/** A whole session; it needs no script, so that it can be written to a file. */
export function SessionView({ report, limit = SHOWN_TURNS, anchor, hasHex = true }: SessionProps) {
  const { turns, startNs } = report;
  // A transcript has no times.
  const isTimed = turns.some(({ timeNs }) => timeNs !== startNs);
  const name = nameOf(report);
  return (
    <article class="session" id={anchor} aria-label={name}>
      <header class="session-head">
        <h3>{name}</h3>
        <OutcomeView report={report} />
        <p class="session-facts">
          {report.client} → {report.server}
          {isTimed ? `, ${when(startNs)}` : ""}
        </p>
      </header>
      <div class={isTimed ? "session-lanes" : "session-lanes session-untimed"}>
        <p class="session-ends" aria-hidden="true">
          <span class="session-end-client">client</span>
          <span class="session-end-server">server</span>
        </p>
        <TurnsView report={report} limit={limit} isTimed={isTimed} hasHex={hasHex} />
      </div>
      <div class="session-both">
        <ReceivedView by="client" received={report.toClient} />
        <ReceivedView by="server" received={report.toServer} />
      </div>
    </article>
  );
}

interface TurnsProps {
  report: SessionReport;
  limit: number;
  isTimed: boolean;
  hasHex: boolean;
}

function TurnsView({ report, limit, isTimed, hasHex }: TurnsProps) {
  const { turns, startNs } = report;
  const shown = shownOf(turns, limit);
  const left = turns.length - 1 - (shown.at(-1)?.index ?? -1) + report.turnsLeftOut;
  return (
    <ol class="session-turns" role="list" aria-label="Conversation">
      {shown.map(({ turn, index, skipped }) => (
        <>
          <SkippedView count={skipped} />
          {notesBefore(turn, turns[index - 1], report).map((note) => (
            <li class="session-note">{note}</li>
          ))}
          <TurnView
            turn={turn}
            before={turns[index - 1]}
            startNs={isTimed ? startNs : null}
            hexOf={hasHex ? index + 1 : null}
          />
        </>
      ))}
      <SkippedView count={left} />
    </ol>
  );
}

/** `Session 3: title`. */
export const nameOf = ({ id, title }: SessionReport): string =>
  `Session ${id}${title === "" ? "" : `: ${escaped(title)}`}`;

/** Verdict, findings, whether the session is complete, and who ended it. */
function OutcomeView({ report }: { report: SessionReport }) {
  return (
    <ul class="session-outcome" aria-label="Outcome">
      {outcomeOf(report).map((part) => (
        <li class={part === report.verdict ? `session-verdict session-verdict-${part}` : ""}>{part}</li>
      ))}
    </ul>
  );
}

function SkippedView({ count }: { count: number }) {
  return count > 0 ? <li class="session-note">… {count} more lines are not shown</li> : null;
}

interface Shown {
  turn: Turn;
  index: number;
  /** Turns right before it that are not shown. */
  skipped: number;
}

/** The first turns, then those with findings and their neighbours: what a reader looks for is left out last. */
function shownOf(turns: readonly Turn[], limit: number): Shown[] {
  const shown: Shown[] = [];
  let next = 0;
  const show = (from: number, to: number): void => {
    for (let index = Math.max(from, next); index < Math.min(to, turns.length); index++) {
      if (shown.length >= 2 * limit) return;
      shown.push({ turn: turns[index] as Turn, index, skipped: index - next });
      next = index + 1;
    }
  };
  show(0, limit);
  for (let index = next; index < turns.length; index++) {
    const { findings, shadow } = turns[index] as Turn;
    if (findings.length + shadow.length > 0) show(index - AROUND, index + AROUND + 1);
  }
  return shown;
}
