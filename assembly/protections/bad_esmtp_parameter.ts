import { ParameterFault } from "../smtp/parameters";
import { FirstReason, Reason } from "./generated-reasons";
import { bitOf } from "./reason-set";

/**
 * What is wrong with the parameters of MAIL or RCPT, whose `faults` are a set of `ParameterFault`; a set of reasons. Where
 * the path before them is none, as `isBadPath` says, what looks like a parameter may be a part of it.
 */
export function badEsmtpParameter(faults: u32, isBadPath: bool): u32 {
  let set: u32 = 0;
  if ((faults & ParameterFault.duplicate) != 0)
    set |= bitOf(Reason.bad_esmtp_parameter_duplicate, FirstReason.bad_esmtp_parameter);
  if ((faults & ParameterFault.syntax) != 0 && !isBadPath)
    set |= bitOf(Reason.bad_esmtp_parameter_syntax, FirstReason.bad_esmtp_parameter);
  if ((faults & ParameterFault.value) != 0)
    set |= bitOf(Reason.bad_esmtp_parameter_value, FirstReason.bad_esmtp_parameter);
  if ((faults & ParameterFault.not_xtext) != 0)
    set |= bitOf(Reason.bad_esmtp_parameter_not_xtext, FirstReason.bad_esmtp_parameter);
  if ((faults & ParameterFault.misplaced) != 0)
    set |= bitOf(Reason.bad_esmtp_parameter_misplaced, FirstReason.bad_esmtp_parameter);
  return set;
}
