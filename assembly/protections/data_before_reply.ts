import { Verb } from "../smtp/verb";
import { hasTrait, Trait } from "../smtp/verb-table";
import { Reason } from "./generated-reasons";

/** Bytes were sent after DATA before its reply; `accepted` says whether that was 354. */
export function dataBeforeReply(accepted: bool): Reason {
  return accepted ? Reason.data_before_reply_early : Reason.data_before_reply_refused_basic;
}

/** A line sent after a DATA that was refused: only a command of RFC 5321 proves that it was meant as one. */
export function lineAfterRefusedData(verb: Verb): Reason {
  return hasTrait(verb, Trait.core) ? Reason.none : Reason.data_before_reply_refused;
}
