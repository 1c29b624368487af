import { Policy } from "../policy/policy";
import { exchangeCommand } from "../protections/exchange_command";
import { Reason } from "../protections/generated-reasons";
import { legacyCommand } from "../protections/legacy_command";
import { privateCommand } from "../protections/private_command";
import { queueTurnCommand } from "../protections/queue_turn_command";
import { trustCommand } from "../protections/trust_command";
import { unknownCommand } from "../protections/unknown_command";
import { Session } from "../session/session";
import { Command } from "../smtp/command";
import { Verb } from "../smtp/verb";

/**
 * What is wrong with a verb beyond RFC 5321, under the options of `policy`: of these protections one at most has it.
 * `foreign` is what is known of it already. Text after a refused DATA has an id of its own.
 */
export function verbReason(s: Session, command: Command, foreign: Reason, policy: Policy): Reason {
  const length = <i32>(command.verbEnd - command.verbStart);
  const exchange = exchangeCommand(command.verb, policy.exchange_command_extended);
  if (exchange != Reason.none) {
    return policy.exchange_command_allow.has(command.verbStart, length) ? Reason.none : exchange;
  }
  const trust = trustCommand(command.verb, s.capabilities);
  if (trust != Reason.none) {
    return policy.trust_command_allow.has(command.verbStart, length) ? Reason.none : trust;
  }
  const own = privateCommand(command);
  if (own != Reason.none) {
    return policy.private_command_allow.has(command.verbStart, length) ? Reason.none : own;
  }
  if (command.verb != Verb.other) return queueTurnCommand(command.verb);
  if (foreign != Reason.none || s.refusedRest != 0) return Reason.none;
  const legacy = legacyCommand(command);
  return legacy != Reason.none ? legacy : unknownCommand(command, s.capabilities);
}

/** Whether nobody knows the verb, of which `foreign` is what is known already; text after a refused DATA has none. */
export function isUnknownVerb(s: Session, command: Command, foreign: Reason): bool {
  if (s.refusedRest != 0) return false;
  if (foreign != Reason.none || command.verb == Verb.invalid) return true;
  if (command.verb != Verb.other || legacyCommand(command) != Reason.none) return false;
  return unknownCommand(command, s.capabilities) != Reason.none;
}
