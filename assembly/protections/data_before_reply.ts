import { Verb } from "../smtp/verb";
import { Reason } from "./reason";

/** Bytes were sent behind DATA before its reply; `accepted` says whether that was 354. */
export function dataBeforeReply(accepted: bool): Reason {
  return accepted ? Reason.data_early : Reason.data_refused_basic;
}

/** A line sent behind a DATA that was refused: only a command of RFC 5321 proves that it was meant as one. */
export function lineBehindRefusedData(verb: Verb): Reason {
  return verb >= Verb.helo && verb <= Verb.help ? Reason.none : Reason.data_refused;
}
