/** The protections, their reasons, and the words for them. What they are generated from stands in host-test/vectors. */
import { CATALOGUE, Protection } from "./generated-protections";
import { Reason, REASONS } from "./generated-reasons";
import { Action, ACTION_NAMES, Mode, MODE_NAMES } from "./generated-words";
import { modeIn, ProtectionRow, ReasonRow } from "./rows";

export { Action, ACTION_NAMES, CATALOGUE, Mode, MODE_NAMES, modeIn, Protection, ProtectionRow };

/** The word of `action` as it stands in policies, statistics and events. */
export function actionName(action: Action): string {
  return ACTION_NAMES[action] as string;
}

/** The word of `mode` as it stands in policies and events. */
export function modeName(mode: Mode): string {
  return MODE_NAMES[mode] as string;
}

/** The name of what counts findings by `reason` about which `action` is done, after that of the statistics. */
export function findingName(reason: i32, action: Action): string {
  const row = REASONS[reason] as ReasonRow;
  const id = (CATALOGUE[row.protection] as ProtectionRow).id;
  return `findings.protection.${id}.reason.${row.id}.action.${actionName(action)}`;
}

/** Pairs of a reason and an action. */
export const FINDINGS: i32 = <i32>Reason.count * <i32>Action.count;

/** The word for `reason`. */
export function reasonName(reason: Reason): string {
  return (REASONS[reason] as ReasonRow).id;
}
