/** The sessions of a run, a page of them at a time. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { printable } from "../workbench/printable.js";
import type { Bench } from "./page.js";
import type { SessionRow } from "./messages.js";
import { Picker } from "./picker.js";
import { type Filter, filtered } from "./state.js";

/** Rows that are in the page at once. */
const PAGE_ROWS = 200;

/** @param props.bench the state and the actions */
export function SessionList({ bench }: { bench: Bench }) {
  const { state } = bench;
  const rows = filtered(state);
  const selected = rows.findIndex(({ index }) => index === state.shown?.index);
  const [wanted, setPage] = useState(0);
  const pages = Math.max(1, Math.ceil(rows.length / PAGE_ROWS));
  const page = Math.min(wanted, pages - 1);
  const first = page * PAGE_ROWS;
  const shown = rows.slice(first, first + PAGE_ROWS);
  const choose = (index: number): void => {
    const row = shown[index];
    if (row !== undefined) bench.select(row.index);
  };
  return (
    <div class="list">
      <FilterChoice bench={bench} />
      {rows.length === 0 ? <p class="quiet">{state.running ? "…" : "None."}</p> : null}
      <Picker
        id="session-list"
        label="Sessions"
        active={selected - first}
        options={shown.map((row) => (
          <Row row={row} file={(state.files ?? []).length > 1 ? row.file : null} />
        ))}
        onMove={choose}
      />
      {pages > 1 ? (
        <Pages page={page} pages={pages} onPage={setPage}>
          {first + 1} to {first + shown.length} of {rows.length}
        </Pages>
      ) : null}
      {state.tally.unlisted > 0 ? (
        <p class="quiet">
          {state.tally.unlisted} more sessions are counted but not listed: the list is full.
        </p>
      ) : null}
    </div>
  );
}

function FilterChoice({ bench }: { bench: Bench }) {
  const { filter, policies } = bench.state;
  return (
    <label class="field">
      Show
      <select
        value={filter}
        onChange={({ currentTarget }) => bench.show({ filter: currentTarget.value as Filter })}
      >
        <option value="all">all sessions</option>
        <option value="findings">those with findings</option>
        {policies.length > 1 ? <option value="changed">those that change</option> : null}
      </select>
    </label>
  );
}

interface PagesProps {
  page: number;
  pages: number;
  onPage(page: number): void;
  /** Which rows are shown. */
  children: ComponentChildren;
}

/** At an end a button is not `disabled`: that would take the focus from it. */
function Pages({ page, pages, onPage, children }: PagesProps) {
  return (
    <div class="tools" role="group" aria-label="Pages of the list">
      <button type="button" aria-disabled={page === 0} onClick={() => onPage(Math.max(0, page - 1))}>
        Earlier
      </button>
      <span>{children}</span>
      <button
        type="button"
        aria-disabled={page === pages - 1}
        onClick={() => onPage(Math.min(pages - 1, page + 1))}
      >
        Later
      </button>
    </div>
  );
}

/** @param props.file null if all sessions are from one file */
function Row({ row, file }: { row: SessionRow; file: string | null }) {
  const { id, title, client, server, outcomes, change } = row;
  const found = outcomes.map(({ findings }) => findings);
  return (
    <>
      <span class="row-head">
        <span>
          Session {id} {printable(title, 80)}
        </span>
        {outcomes.map(({ verdict, incomplete }, slot) => (
          <span key={slot} class={`chip chip-${verdict === "" ? "none" : verdict}`}>
            {slot > 0 ? <span class="quiet">→ </span> : null}
            {verdict === "" ? "incomplete" : verdict}
            {incomplete === null ? "" : "…"}
          </span>
        ))}
      </span>
      <span class="quiet">
        {file === null ? "" : `${printable(file, 80)}: `}
        {client} → {server}
        {found.every((count) => count === 0)
          ? ""
          : `, ${found.join(" → ")} ${found.join() === "1" ? "finding" : "findings"}`}
      </span>
      {change === null ? null : <span class="row-change">{printable(change, 300)}</span>}
    </>
  );
}
