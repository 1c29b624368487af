/** The session that is shown: under one policy, or under two side by side. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { printable } from "../workbench/printable.js";
import { type Change, changeWords, decisionText } from "../workbench/compare.js";
import type { Bench } from "./page.js";
import { LongName } from "../html/long-name.js";
import { PassingButton } from "./passing-button.js";
import { SessionView } from "../html/session.js";

const NAMES = ["Under the policy", "Under the second policy"];

/** @param props.bench the state and the actions */
export function ShownSession({ bench }: { bench: Bench }) {
  const [hasHex, setHex] = useState(false);
  const { shown } = bench.state;
  if (shown === null) {
    return <p class="quiet">No session yet: type a dialogue, or open a capture.</p>;
  }
  const { reports, change, limit } = shown;
  if (reports === null) return <p class="quiet">…</p>;
  if (reports.length === 0) {
    return <p>This session was counted, but its lines were not kept: there are too many others.</p>;
  }
  const isLong = reports.some(({ turns }) => turns.length > limit);
  return (
    <div class="shown">
      {reports.length < 2 ? null : <p class="change">{changeText(change)}</p>}
      <span class="field">
        <input
          id="hex"
          type="checkbox"
          checked={hasHex}
          onChange={({ currentTarget }) => setHex(currentTarget.checked)}
        />
        <label for="hex">Hex of each line</label>
      </span>
      <div id="shown-sessions" tabIndex={-1} class={reports.length > 1 ? "side-by-side" : ""}>
        {reports.map((report, slot) => (
          <div key={slot} role="group" aria-label={reports.length > 1 ? (NAMES[slot] ?? "") : "Session"}>
            {reports.length > 1 ? <p class="under">{NAMES[slot]}</p> : null}
            <SessionView report={report} limit={limit} hasHex={hasHex} />
          </div>
        ))}
      </div>
      {isLong ? (
        <PassingButton next="shown-sessions" onClick={() => bench.showMore()}>
          Show more lines
        </PassingButton>
      ) : null}
    </div>
  );
}

/** What the second policy changes. */
function changeText(change: Change | null): ComponentChildren {
  if (change === null) return "The second policy changes nothing here.";
  const decision = change.decides === null ? [] : [decisionText(change.decides)];
  const parts = [...changeWords(change), ...decision].map((each) => printable(each, 400));
  return <LongName name={parts.join("; ")} />;
}
