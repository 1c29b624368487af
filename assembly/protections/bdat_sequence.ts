import { Verb } from "../smtp/verb";
import { Reason } from "./reason";

/** BDAT behind LAST, DATA behind BDAT, or DATA for a BINARYMIME body (RFC 3030 2, 3). */
export function bdatSequence(verb: Verb, chunks: bool, last: bool, binarymime: bool): Reason {
  if (verb == Verb.bdat) return last ? Reason.bdat_after_last : Reason.none;
  if (verb != Verb.data) return Reason.none;
  if (chunks || last) return Reason.data_after_bdat;
  return binarymime ? Reason.binarymime_data : Reason.none;
}
