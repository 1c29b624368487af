import { Reason } from "./generated-reasons";

/** With this line one side has used both CRLF and LF, for the first time; `side` is the reason that names it. */
export function mixedLineEndings(before: bool, now: bool, side: Reason): Reason {
  return now && !before ? side : Reason.none;
}
