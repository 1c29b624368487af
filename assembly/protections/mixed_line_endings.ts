import { Reason } from "./reason";

/** One side has ended lines both ways; `side` is the reason that names it. Told once a side. */
export function mixedLineEndings(crlf: bool, lf: bool, told: bool, side: Reason): Reason {
  return crlf && lf && !told ? side : Reason.none;
}
