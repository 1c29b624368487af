/** One turn of a session: its lines, their fate and their findings. */
import type { Finding, Turn } from "../workbench/model.js";
import { findingText, markOf, restOf, type Row, rowsOf, shadowText } from "../workbench/view.js";
import { LongName } from "./long-name.js";
import { HexView } from "./session-hex.js";
import { MarkedText, runsOf } from "./session-marks.js";

/** Bytes that are shown before and after a finding that is not in the lines above it. */
const AROUND = 32;
/** Bytes of a finding that are shown there, as many as its event has. */
const LONGEST = 64;

interface TurnProps {
  turn: Turn;
  before: Turn | undefined;
  /** The time to count from; null when no time is known. */
  startNs: bigint | null;
  /** The line's number, for the label of its hex; null for no hex. */
  hexOf: number | null;
}

export function TurnView({ turn, before, startNs, hexOf }: TurnProps) {
  const { who, tags } = voiceOf(turn);
  const rows = rowsOf(turn);
  const rest = restOf(turn);
  const isSame = before?.mode === turn.mode && before.timeNs === turn.timeNs;
  return (
    <li class={`session-turn session-by-${turn.from} ${lookOf(turn)}`}>
      <span class={isSame ? "session-when session-when-same" : "session-when"}>
        {startNs === null ? null : <span class="session-time">{secondsAfter(startNs, turn)} </span>}
        <span class="session-mode">
          {turn.mode}
          <span class="session-unseen"> mode, </span>
        </span>
      </span>
      <div class="session-said">
        <span class="session-unseen">{who} </span>
        {tags.map((tag) => (
          <span class="session-tag">{tag} </span>
        ))}
        {rows.map((row) => (
          <RowView turn={turn} row={row} />
        ))}
        {rest === null ? null : <p class="session-rest">{rest}</p>}
        {hexOf === null ? null : <HexView turn={turn} number={hexOf} line={rows[0]?.text ?? rest ?? ""} />}
        {turn.findings.length + turn.shadow.length === 0 ? null : (
          <ul class="session-findings" aria-label="Findings">
            {turn.findings.map((finding) => (
              <FindingView finding={finding} turn={turn} rows={rows} />
            ))}
            {turn.shadow.map((finding) => (
              <ShadowView finding={finding} turn={turn} />
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}

function RowView({ turn, row }: { turn: Turn; row: Row }) {
  const runs = runsOf(turn, row.from, row.to);
  return (
    <code class="session-line">
      <span class="session-mark" aria-hidden="true">
        {markOf(turn)}
      </span>
      {row.isOpen ? ":" : ""}
      {row.text === "" ? "" : " "}
      {runs.length === 0 ? row.text : <MarkedText runs={runs} />}
      {row.cut}
    </code>
  );
}

/** A finding, and its bytes unless they are in the lines above. */
function FindingView({ finding, turn, rows }: { finding: Finding; turn: Turn; rows: Row[] }) {
  const name = `${finding.protection}/${finding.reason}`;
  const at = finding.from - (turn.offset ?? 0);
  const isShown = rows.some(({ from, to }) => at >= from && at < to);
  const isKept = !turn.secret && turn.kind === "data" && at >= 0 && at < turn.bytes.length;
  const start = Math.max(0, at - AROUND);
  const end = Math.min(turn.bytes.length, at + Math.min(finding.to - finding.from, LONGEST) + AROUND);
  return (
    <li class={`session-finding session-finding-${finding.action}`}>
      <span class="session-finding-text">
        <strong>
          <LongName name={name} />
        </strong>
        {findingText(finding, turn).slice(name.length)}
      </span>
      {isKept && !isShown ? (
        <code class="session-line session-excerpt">
          {start > 0 ? "… " : ""}
          <MarkedText runs={runsOf({ ...turn, findings: [finding] }, start, end)} />
          {end < turn.size ? " …" : ""}
        </code>
      ) : null}
    </li>
  );
}

/** What the policy's shadow would have done otherwise. */
function ShadowView({ finding, turn }: { finding: Finding; turn: Turn }) {
  return (
    <li class="session-finding session-finding-shadow">
      <span class="session-finding-text">{shadowText(finding, turn)}</span>
    </li>
  );
}

/** `+1.250 s` since the session began. */
function secondsAfter(startNs: bigint, { timeNs }: Turn): string {
  const seconds = Number((timeNs - startNs) / 1_000_000n) / 1000;
  return `${seconds < 0 ? "−" : "+"}${Math.abs(seconds).toFixed(3)} s`;
}

/** Who speaks, in words, and labels: a line that simply passed has none. */
function voiceOf(turn: Turn): { who: string; tags: string[] } {
  const to = turn.from === "client" ? "server" : "client";
  if (turn.kind === "starttls") return { who: "", tags: ["TLS starts here"] };
  if (turn.offset === null) {
    return turn.received > 0
      ? { who: "", tags: [`filter to ${to}`] }
      : { who: `${turn.from},`, tags: ["to the filter, assumed"] };
  }
  if (turn.fate === "unsaid") return { who: `${turn.from},`, tags: ["would not happen"] };
  if (turn.fate === "unjudged") return { who: `${turn.from},`, tags: ["not inspected"] };
  // Lines of a reply always wait for its last one: not worth a label.
  const tags = turn.held && turn.from === "client" ? ["held for a reply"] : [];
  const isChanged = turn.findings.some(({ action }) => action === "normalize");
  if (turn.received === turn.size) return { who: `${turn.from}, passed`, tags };
  if (isChanged) return { who: `${turn.from},`, tags: [...tags, "rewritten"] };
  return { who: `${turn.from},`, tags: [...tags, turn.received === 0 ? "withheld" : "partly passed"] };
}

/** The class for what passed, what did not, and what the filter said. */
function lookOf(turn: Turn): string {
  if (turn.kind === "starttls") return "session-own";
  if (turn.offset === null) return turn.received > 0 ? "session-own" : "session-unsaid";
  if (turn.fate !== "judged") return `session-${turn.fate}`;
  return turn.received === turn.size ? "session-passed" : "session-kept";
}
