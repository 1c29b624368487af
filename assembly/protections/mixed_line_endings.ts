import { Reason } from "./generated-reasons";

/** One side has ended lines both ways, for the first time with this one; `side` is the reason that names it. */
export function mixedLineEndings(before: bool, now: bool, side: Reason): Reason {
  return now && !before ? side : Reason.none;
}
