import { Verb } from "../smtp/verb";
import { Reason } from "./reason";

/**
 * A verb for which only two Exchange servers have use: the three of SBP-2010-06, and with `extended` those that later
 * Exchange servers added.
 */
export function exchangeCommand(verb: Verb, extended: bool): Reason {
  switch (verb) {
    case Verb.xexch50:
    case Verb.x_link2state:
    case Verb.x_exps:
      return Reason.exchange_verb;
    case Verb.x_anonymoustls:
    case Verb.xshadow:
    case Verb.xshadowrequest:
    case Verb.xqdiscard:
    case Verb.xsessionparams:
    case Verb.rcpt2:
      return extended ? Reason.exchange_verb : Reason.none;
    default:
      return Reason.none;
  }
}
