/** The session that is shown: under one policy, or under two side by side. */
import { printable } from "../cli/text.js";
import { decisionText } from "../workbench/compare.js";
import type { Bench } from "./bench.js";
import { SessionView } from "./session.js";

const NAMES = ["Under the policy", "Under the second policy"];

/** @param props.bench the state and the actions */
export function ShownSession({ bench }: { bench: Bench }) {
  const { shown } = bench.state;
  if (shown === null) {
    return <p class="quiet">No session yet: type a dialogue, or open a capture.</p>;
  }
  const { reports, change, limit } = shown;
  if (reports === null) return <p class="quiet">…</p>;
  if (reports.length === 0) {
    return <p>This session was counted, but its lines are not kept: there are too many others.</p>;
  }
  const isLong = reports.some(({ turns }) => turns.length > limit);
  return (
    <div class="shown">
      {reports.length < 2 ? null : (
        <p class="change">
          {change === null
            ? "The second policy changes nothing here."
            : [...change.what, ...(change.decides === null ? [] : [decisionText(change.decides)])]
                .map((each) => printable(each, 400))
                .join("; ")}
        </p>
      )}
      <div class={reports.length > 1 ? "side-by-side" : ""}>
        {reports.map((report, slot) => (
          <div key={slot} role="group" aria-label={reports.length > 1 ? (NAMES[slot] ?? "") : "Session"}>
            {reports.length > 1 ? <p class="under">{NAMES[slot]}</p> : null}
            <SessionView report={report} limit={limit} />
          </div>
        ))}
      </div>
      {isLong ? (
        <button type="button" onClick={() => bench.showMore()}>
          Show more lines
        </button>
      ) : null}
    </div>
  );
}
