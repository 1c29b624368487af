/**
 * The closed lists of words that the pages of host-test/vectors use. Their order counts: `npm run docs` numbers the
 * filter's enums by it.
 */

/** Parts of a session. A protection guards one; protections are ordered by it, then by id. */
export const FAMILIES = [
  "greeting",
  "commands",
  "arguments",
  "session",
  "replies",
  "data",
  "encryption",
  "abuse",
] as const;

/** Where the modes come from that a policy does not name. */
export const PROFILES = ["monitor", "recommended", "strict", "submission"] as const;

/** How a protection is switched, the weakest first. */
export const MODES = ["off", "detect", "prevent"] as const;

/** What is done about a finding, the weakest first: the strongest of several wins. */
export const ACTIONS = ["detect", "normalize", "strip", "reject", "quarantine", "terminate"] as const;

export type Family = (typeof FAMILIES)[number];
export type ProfileName = (typeof PROFILES)[number];
export type ModeName = (typeof MODES)[number];
export type ActionName = (typeof ACTIONS)[number];

/** Whether `word` is the name of a profile. */
export const isProfile = (word: string): word is ProfileName => PROFILES.some((profile) => profile === word);
