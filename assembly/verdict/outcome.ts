import { Action, Protection } from "../protections/catalogue";
import { Reason } from "../protections/generated-reasons";

/**
 * What judging comes to: the strongest action of all findings and whose it is, as `action + 1` above eight bits of
 * protection; 0 where nothing was found. A number, so that it is returned and nothing is allocated.
 */
export type Outcome = u32;

/** Nothing was found, or the policy ignores it. */
export const NOTHING: Outcome = 0;

export function outcomeOf(protection: Protection, action: Action): Outcome {
  return ((<u32>action + 1) << 8) | (<u32>protection);
}

/** The same for one reason of `protection`, which may have a reply of its own. */
export function outcomeFor(reason: Reason, protection: Protection, action: Action): Outcome {
  const unauthenticated = reason == Reason.command_out_of_sequence_unauthenticated;
  return outcomeOf(unauthenticated ? <Protection>UNAUTHENTICATED : protection, action);
}

/** The stronger of two outcomes; of two with the same action the first. */
export function stronger(one: Outcome, other: Outcome): Outcome {
  return other >> 8 > one >> 8 ? other : one;
}

/** Whether something is done about it beyond reporting. */
export function isPrevented(outcome: Outcome): bool {
  return outcome >> 8 > <u32>Action.detect + 1;
}

/** Whether the line is kept from the server. */
export function isReject(outcome: Outcome): bool {
  return outcome >> 8 == <u32>Action.reject + 1;
}

/** Whether the session is ended. */
export function isTerminate(outcome: Outcome): bool {
  return outcome >> 8 == <u32>Action.terminate + 1;
}

/** What is done; the outcome must not be `NOTHING`. */
export function actionIn(outcome: Outcome): Action {
  return <Action>((outcome >> 8) - 1);
}

/** The protection that decided. */
export function protectionIn(outcome: Outcome): Protection {
  const answer = answerIn(outcome);
  return answer == UNAUTHENTICATED ? Protection.command_out_of_sequence : <Protection>answer;
}

/** Whose reply a rejected command gets: that of the protection, or one that is a single reason's. */
export function answerIn(outcome: Outcome): u32 {
  return outcome & 0xff;
}

/** After the protections, and the timeout that ends a session. */
export const UNAUTHENTICATED: u32 = Protection.count + 1;
