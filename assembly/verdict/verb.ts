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

/** What is wrong with a verb beyond RFC 5321 that `Verb` names, under the options of `policy`: of these protections one at most has it. */
export function namedVerbReason(s: Session, command: Command, policy: Policy): Reason {
  const length = <i32>(command.verbEnd - command.verbStart);
  const exchange = exchangeCommand(command.verb, policy.exchange_command_extended);
  if (exchange != Reason.none) {
    return policy.exchange_command_allow.has(command.verbStart, length) ? Reason.none : exchange;
  }
  const trust = trustCommand(command.verb, s.capabilities);
  if (trust != Reason.none) {
    return policy.trust_command_allow.has(command.verbStart, length) ? Reason.none : trust;
  }
  const own = privateCommand(command, s.capabilities);
  if (own != Reason.none) {
    return policy.private_command_allow.has(command.verbStart, length) ? Reason.none : own;
  }
  return queueTurnCommand(command.verb);
}

/** The same for `Verb.other`, whatever the policy. `offered`: the capabilities in the last accepted EHLO reply. */
export function otherVerbReason(command: Command, offered: u32): Reason {
  const legacy = legacyCommand(command);
  return legacy != Reason.none ? legacy : unknownCommand(command, offered);
}
