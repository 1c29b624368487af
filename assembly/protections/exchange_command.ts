import { Verb } from "../smtp/verb";
import { hasTrait, Trait } from "../smtp/verb-table";
import { Reason } from "./generated-reasons";

/**
 * A verb for which only two Exchange servers have use: the three of SBP-2010-06, and with `extended` those that later
 * Exchange servers added.
 */
export function exchangeCommand(verb: Verb, extended: bool): Reason {
  const known = extended ? Trait.exchange | Trait.exchange_extended : Trait.exchange;
  return hasTrait(verb, known) ? Reason.exchange_command_exchange_verb : Reason.none;
}
