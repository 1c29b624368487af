import { Fact } from "../smtp/facts";
import { Reason } from "./generated-reasons";

/** BDAT after LAST, DATA after BDAT, or DATA for a BINARYMIME body (RFC 3030 2, 3). */
export function bdatSequence(isBdat: bool, facts: u32): Reason {
  const last = (facts & Fact.last_chunk) != 0;
  if (isBdat) return last ? Reason.bdat_sequence_after_last : Reason.none;
  if (last || (facts & Fact.chunks) != 0) return Reason.bdat_sequence_data;
  return (facts & Fact.binarymime) != 0 ? Reason.bdat_sequence_binarymime : Reason.none;
}
