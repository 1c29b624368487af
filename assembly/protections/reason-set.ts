import { FirstReason, Reason } from "./generated-reasons";

/** `reason` as a bit of a set of its protection's reasons, of which bit 0 is the `first`; verdict/findings.ts takes such sets apart. */
export function bitOf(reason: Reason, first: FirstReason): u32 {
  return 1 << (reason - first);
}
