/** What the filter's tables say of one row, for everything that shows it to people. */
import { INTEGERS_ABOUT } from "../../assembly/policy/about.js";
import { ABOUT } from "../../assembly/protections/about.js";
import { CATALOGUE, type Entry, Mode } from "../../assembly/protections/catalogue.js";
import { type ReasonEntry, REASONS } from "../../assembly/protections/reason.js";

/** What a protection stops, and where the rule comes from. @throws Error when its row has no text */
export const aboutOf = (entry: Entry): (typeof ABOUT)[number] => the(ABOUT.find(({ id }) => id === entry.id));

/** What an integer of the policy means, by its key. @throws Error when its row has no text */
export const aboutInteger = (wanted: string): (typeof INTEGERS_ABOUT)[number] =>
  the(INTEGERS_ABOUT.find(({ key }) => key === wanted));

/** The reasons that the events of one protection can give. */
export const reasonsOf = (entry: Entry): ReasonEntry[] =>
  REASONS.filter((reason) => reason.id !== "" && CATALOGUE[reason.protection] === entry);

/** The mode of a protection that a policy of this profile does not name; no profile is `recommended`. */
export function modeUnder(profile: string | undefined, entry: Entry): Mode {
  if (profile === "monitor") return Mode.detect;
  return profile === "strict" ? entry.strict : entry.recommended;
}

/** @throws Error when a row has no text */
export function the<T>(found: T | undefined): T {
  if (found === undefined) throw new Error("a row of the tables has no text: see assembly/*/about.ts");
  return found;
}
