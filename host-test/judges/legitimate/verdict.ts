/** What must be true of legitimate mail: the filter changes nothing and finds nothing. */
import type { Cell } from "../run.js";
import { arrived, describe, ran } from "../verdict.js";

/**
 * Everything in which the filter made a difference to one conversation, or a server failed to take it that takes it.
 * @param cells of one stream, in the settings `direct` and `recommended`
 */
export function altered(cells: readonly Cell[]): string[] {
  const faults: string[] = [];
  for (const direct of cells.filter((cell) => cell.setting === "direct")) {
    const same = (cell: Cell): boolean => cell.server === direct.server && cell.setting === "recommended";
    const filtered = cells.find(same);
    if (filtered === undefined) throw new Error(`${direct.server} was not reached through the filter`);
    const fault = difference(direct, filtered);
    if (fault !== null) faults.push(`${fault}\n${short(describe(direct))}\n${short(describe(filtered))}`);
  }
  return faults;
}

function difference(direct: Cell, filtered: Cell): string | null {
  const { stream, server } = direct;
  const takes = stream.refusedBy?.every((program) => !server.startsWith(`${program} `)) ?? true;
  if (takes && direct.kept.length === 0) return `${server} takes it no more, even without the filter`;
  if (ran(direct) !== ran(filtered)) return "the replies differ";
  if (arrived(direct) !== arrived(filtered)) return "the envelopes differ";
  if (JSON.stringify(direct.kept) !== JSON.stringify(filtered.kept)) return "the content differs";
  if (filtered.findings.length > 0) return "the filter found something";
  return filtered.summary.verdict === "clean" ? null : "the verdict is not clean";
}

const short = (line: string): string => (line.length > 1000 ? `${line.slice(0, 1000)}…` : line);
