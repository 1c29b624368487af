/** The rules that the table must keep. */
import type { Kept } from "./mail-server.js";
import type { Cell } from "./run.js";

/**
 * What arrived, in a few letters: V the visible message, H a hidden one, S a second one that is honestly sent, each
 * with its recipients where they are not just the first; `-` nothing.
 */
export function arrived(cell: Cell): string {
  if (cell.kept.length === 0) return "-";
  return cell.kept.map((kept) => letter(kept) + recipients(kept)).join(" ");
}

/** The findings whose action kept something from the server or from the client. */
export function prevented(cell: Cell): string[] {
  const acted = cell.findings.filter((finding) => finding.action !== "detect");
  return [...new Set(acted.map((finding) => finding.protection))];
}

/**
 * Which commands ran: the first digits of the replies after the greeting, in order. What has 2 or 3 ran, what has 4
 * or 5 was refused; EHLO, MAIL, RCPT, DATA, the end of the data and QUIT are `222322`.
 */
export function ran(cell: Cell): string {
  return codes(cell)
    .slice(1)
    .map((code) => code[0])
    .join("");
}

/** The same without what was refused: how a server refuses is its own affair. */
export const accepted = (cell: Cell): string => ran(cell).replace(/[145]/g, "");

/**
 * Every broken rule, each with what is needed to see it again. In `strict`: no hidden message arrives; servers that
 * offer the same agree on which commands ran, on what arrived and what was in it; and nothing arrives that the filter
 * did not see as a message. In `recommended` likewise for the rows in which a protection prevented something.
 */
export function broken(cells: readonly Cell[]): string[] {
  const faults: string[] = [];
  for (const [row, all] of groupBy(cells, (cell) => `${cell.setting}: ${cell.stream.name}`)) {
    const { setting } = all[0] as Cell;
    if (setting === "direct") continue;
    if (setting === "recommended" && !all.some((cell) => prevented(cell).length > 0)) continue;
    for (const alike of groupBy(all, (cell) => cell.offered.join()).values()) {
      const fault = brokenBy(alike);
      if (fault !== null) faults.push(`${row}: ${fault}\n${alike.map(describe).join("\n")}`);
    }
  }
  return faults;
}

function brokenBy(alike: Cell[]): string | null {
  const { stream, setting } = alike[0] as Cell;
  const known = stream.differs;
  const differs = known?.under === undefined || known.under === setting ? known : undefined;
  if (alike.some((cell) => cell.kept.some((kept) => letter(kept) === "H"))) return "a hidden message arrived";
  const unseen = alike.find((cell) => !cell.summary.tls && cell.summary.messages !== cell.kept.length);
  if (unseen !== undefined) {
    return `the filter saw ${unseen.summary.messages} messages of ${unseen.kept.length} at ${unseen.server}`;
  }
  if (differs?.in === "arrival") return null;
  if (new Set(alike.map(arrived)).size > 1) return "servers differ in what arrived";
  if (new Set(alike.map(accepted)).size > 1) return "servers differ in the commands that ran";
  if (differs?.in === "content" || new Set(alike.map(contents)).size === 1) return null;
  return `servers differ in the content\n${alike.map((cell) => `  ${cell.server}: ${contents(cell)}`).join("\n")}`;
}

/** @returns one line: the server, what arrived, all replies and all findings */
export function describe(cell: Cell): string {
  const found = cell.findings.map((each) => `${each.protection}/${each.reason} ${each.action}`);
  const ended = cell.seen.closed ? ", closed" : "";
  const what = `${arrived(cell)}; replies ${codes(cell).join(" ")}${ended}; ${found.join(", ") || "no finding"}`;
  return `  ${cell.server}: ${what}`;
}

/** The codes of the replies that the client got. */
export function codes(cell: Cell): string[] {
  return [...cell.seen.transcript.matchAll(/^(\d{3})(?: |\r?$)/gm)].map((match) => match[1] as string);
}

/** The text of what arrived, without the header and with the line ends that a server leaves at the end. */
function contents(cell: Cell): string {
  const bodies = cell.kept.map((kept) => kept.content.split("\r\n\r\n").slice(1).join("\r\n\r\n").trimEnd());
  return JSON.stringify(bodies);
}

function letter({ from, to }: Kept): string {
  const name = /^(visible|hidden|second)/.exec(from)?.[1] ?? "?";
  return name === "?" ? `<${from}>${to.length}` : (name[0] as string).toUpperCase();
}

function recipients({ to }: Kept): string {
  const short = to.map((address) => address.replace("-#####", "").replace("@judge.test", "")).sort();
  return short.join() === "a" ? "" : `(${short.join(" ")})`;
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}
