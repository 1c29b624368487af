/** Words of policies and events. Generated from host-test/vectors/*.md by npm run docs; do not edit. */

/** How a protection is switched in a profile or a policy, the weakest first. */
export const enum Mode {
  off,
  detect,
  prevent,
  /** How many there are. */
  count,
}

/** The words of `Mode` as they stand in policies, statistics and events. */
export const MODE_NAMES: string[] = ["off", "detect", "prevent"];

/** What is done about a finding, the weakest first: the strongest of several wins. */
export const enum Action {
  detect,
  normalize,
  strip,
  reject,
  quarantine,
  terminate,
  /** How many there are. */
  count,
}

/** The words of `Action` as they stand in policies, statistics and events. */
export const ACTION_NAMES: string[] = ["detect", "normalize", "strip", "reject", "quarantine", "terminate"];

/** Where the modes come from that the policy does not name. */
export const enum Profile {
  monitor,
  recommended,
  strict,
  submission,
  /** How many there are. */
  count,
}

/** The words of `Profile` as they stand in policies, statistics and events. */
export const PROFILES: string[] = ["monitor", "recommended", "strict", "submission"];
