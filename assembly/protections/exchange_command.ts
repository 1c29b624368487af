import { Verb } from "../smtp/verb";
import { hasTrait, Trait } from "../smtp/verb-table";
import { Reason } from "./generated-reasons";

/**
 * A verb that only Exchange servers use among themselves: the three that Check Point's SBP-2010-06 names, and with
 * `extended` those that later Exchange servers added.
 */
export function exchangeCommand(verb: Verb, extended: bool): Reason {
  const known = extended ? Trait.exchange | Trait.exchange_extended : Trait.exchange;
  return hasTrait(verb, known) ? Reason.exchange_command_exchange_verb : Reason.none;
}
