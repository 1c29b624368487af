/**
 * The one table of protections: ids, families, defaults, actions. Both `asc` and `tsc` compile it, so the filter, the
 * schema, the command line, the docs and the dashboards all read the same rows. What only people read, summaries and
 * citations, stands in `about.ts`, row for row.
 */
import { COMMANDS_ROWS } from "./catalogue-commands.ts";
import { DATA_ROWS } from "./catalogue-data.ts";
import { SESSION_ROWS } from "./catalogue-session.ts";
import { Action, Entry, Mode, Protection } from "./kinds.ts";

export { Action, Entry, Mode, Protection };

/** All protections, in the order of `Protection`. */
export const CATALOGUE: Entry[] = COMMANDS_ROWS.concat(SESSION_ROWS).concat(DATA_ROWS);

/** The word of `action` as it stands in policies, statistics and events. */
export function actionName(action: Action): string {
  return ACTION_NAMES[action] as string;
}

/** The word of `mode` as it stands in policies and events. */
export function modeName(mode: Mode): string {
  return MODE_NAMES[mode] as string;
}

export const ACTION_NAMES: string[] = ["detect", "normalize", "strip", "reject", "terminate"];
export const MODE_NAMES: string[] = ["off", "detect", "prevent"];
