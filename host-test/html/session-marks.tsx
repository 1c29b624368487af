/** A turn's bytes as text, with those of findings marked. */
import { text } from "../workbench/bytes.js";
import type { Turn } from "../workbench/model.js";
import { escaped } from "../workbench/view.js";

/** Adjacent bytes that belong to the same findings. */
export interface Run {
  bytes: Uint8Array;
  /** `protection/reason` of each finding that they belong to. */
  findings: string[];
}

/**
 * The turn's kept bytes from `from` inclusive to `to` exclusive, cut where a finding begins or ends.
 * Nothing of a turn that may contain credentials.
 */
export function runsOf(turn: Turn, from: number, to: number): Run[] {
  if (turn.secret || to <= from) return [];
  const start = turn.offset ?? 0;
  const findings = turn.findings.map((finding) => ({
    name: `${finding.protection}/${finding.reason}`,
    from: finding.from - start,
    to: finding.to - start,
  }));
  const inside = findings.flatMap((each) => [each.from, each.to]).filter((at) => at > from && at < to);
  const cuts = [...new Set([from, ...inside, to])].sort((a, b) => a - b);
  return cuts.slice(0, -1).map((at, index) => ({
    bytes: turn.bytes.subarray(at, cuts[index + 1]),
    findings: findings.filter((each) => each.from <= at && each.to > at).map(({ name }) => name),
  }));
}

/** @param props.shown how a run's bytes are written */
export function MarkedText({ runs, shown = plain }: { runs: Run[]; shown?: (bytes: Uint8Array) => string }) {
  return (
    <>
      {runs.map(({ bytes, findings }) =>
        findings.length === 0 ? shown(bytes) : <mark title={findings.join(", ")}>{shown(bytes)}</mark>,
      )}
    </>
  );
}

const plain = (bytes: Uint8Array): string => escaped(text(bytes));
