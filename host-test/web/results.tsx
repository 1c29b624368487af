/** The results of a run: the sessions, the one that is shown, and the downloads. */
import { printable } from "../workbench/printable.js";
import type { Bench } from "./page.js";
import { sizeText } from "./input-panel.js";
import { PassingButton } from "./passing-button.js";
import { SessionList } from "./session-list.js";
import { ShownSession } from "./shown-session.js";
import type { Slot } from "./messages.js";

/** @param props.bench the state and the actions */
export function Results({ bench }: { bench: Bench }) {
  const { state } = bench;
  return (
    <section id="results" class="results" aria-labelledby="results-title" tabIndex={-1}>
      <div class="toolbar">
        <h2 id="results-title">Sessions</h2>
        <RunTools bench={bench} />
        <ExportTools bench={bench} />
      </div>
      <p class="status" role="status">
        {state.status}
      </p>
      <div class="sessions">
        <SessionList bench={bench} />
        <ShownSession bench={bench} />
      </div>
    </section>
  );
}

function RunTools({ bench }: { bench: Bench }) {
  const { ready, running, stale, progress } = bench.state;
  return (
    <div class="tools" role="group" aria-label="Replay">
      <button
        id="replay"
        type="button"
        class={stale ? "wanted" : ""}
        disabled={!ready}
        onClick={() => bench.replay()}
      >
        Replay
      </button>
      {stale ? <span class="quiet">changed since the last replay</span> : null}
      {running && progress !== null ? (
        <>
          <PassingButton next="replay" onClick={() => bench.stop()}>
            Stop
          </PassingButton>
          <progress
            max={progress.total}
            value={progress.done}
            aria-label={`Replaying ${printable(progress.file)}`}
          />
          <span class="quiet">
            {sizeText(progress.done)} of {sizeText(progress.total)}
          </span>
        </>
      ) : null}
    </div>
  );
}

function ExportTools({ bench }: { bench: Bench }) {
  const { running, rows, policies, exportSlot, shown } = bench.state;
  return (
    <div class="tools" role="group" aria-label="Save">
      {policies.length > 1 ? (
        <label class="field">
          Under
          <select
            value={exportSlot}
            onChange={({ currentTarget }) => bench.show({ exportSlot: Number(currentTarget.value) as Slot })}
          >
            <option value={0}>the policy</option>
            <option value={1}>the second policy</option>
          </select>
        </label>
      ) : null}
      <button type="button" disabled={running || rows.length === 0} onClick={() => bench.export("html")}>
        Save HTML
      </button>
      <button type="button" disabled={running || rows.length === 0} onClick={() => bench.export("json")}>
        Save JSON
      </button>
      <button type="button" disabled={running || shown === null} onClick={() => bench.export("vector")}>
        Save anonymised test case
      </button>
    </div>
  );
}
