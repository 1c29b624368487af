import { Policy } from "../policy/policy";
import { Session } from "../session/session";
import { Shadow } from "../session/shadow-record";

/**
 * For which policy something is judged: the live one, whose verdicts are carried out, or the shadow, whose verdicts are only
 * reported. A set of two bits. Whoever judges without an option of the policy need not know of it: all is judged for both.
 */
export const enum Side {
  none = 0,
  live = 1,
  shadow = 2,
  both = 3,
}

/**
 * Where an option or a limit of the policy decides, each policy is asked with its own:
 *
 *     for (let side = firstSide(s); side != Side.none; side = nextSide(side)) {
 *       findings.addFor(s, side, someProtection(command, policyOf(s, side).some_protection_option));
 *     }
 *
 * That is once, for both, where there is no shadow or neither policy names an option.
 */
export function firstSide(s: Session): Side {
  return s.shadow != 0 && changetype<Policy>(s.policy).differsInShadow ? Side.live : Side.both;
}

export function nextSide(side: Side): Side {
  return side == Side.live ? Side.shadow : Side.none;
}

/** The policy whose options hold for `side`. */
export function policyOf(s: Session, side: Side): Policy {
  return changetype<Policy>(side == Side.shadow ? changetype<Shadow>(s.shadow).policy : s.policy);
}
