import { Policy } from "../policy/policy";
import { Action, Mode } from "../protections/catalogue";
import { Reason } from "../protections/generated-reasons";
import { Statistics } from "../telemetry/statistics";
import { protectionOf } from "./judge";

/** Defines what counts the findings that `policy` can have; `ofShadow`: it is one. */
export function defineFindings(statistics: Statistics, policy: Policy, ofShadow: bool): void {
  // What cannot be read ends the session whatever mode the protection has.
  const ends = policy.prevent != 0 || policy.handlesTls;
  for (let reason = 1; reason < <i32>Reason.count; reason++) {
    const mode = <Mode>policy.reasonModes[reason];
    if (ends && endsUnread(<Reason>reason)) statistics.defineFinding(reason, Action.terminate, ofShadow);
    if (mode == Mode.off) continue;
    if (mode == Mode.detect || policy.trusted !== null) {
      statistics.defineFinding(reason, Action.detect, ofShadow);
    }
    if (mode == Mode.prevent) definePrevented(statistics, policy, <Reason>reason, ofShadow);
  }
}

function definePrevented(statistics: Statistics, policy: Policy, reason: Reason, ofShadow: bool): void {
  let action = <Action>policy.actions[protectionOf(reason)];
  // A command whose keyword was stripped and that still comes is refused.
  if (action == Action.strip) action = Action.reject;
  statistics.defineFinding(reason, action, ofShadow);
  // After `limits.rejected_commands`, and where no reply could be true.
  if (action == Action.reject) statistics.defineFinding(reason, Action.terminate, ofShadow);
  const isSource =
    reason >= Reason.source_abuse_refused_recipients && reason <= Reason.source_abuse_connections;
  if (isSource && policy.quarantine !== null) statistics.defineFinding(reason, Action.quarantine, ofShadow);
}

/** Whether it says that what comes cannot be read, or must be encrypted and is not. */
function endsUnread(reason: Reason): bool {
  switch (reason) {
    case Reason.too_many_pending_commands:
    case Reason.too_many_pending_bytes:
    case Reason.too_many_pending_memory:
    case Reason.non_compliant_smtp_half_closed:
    case Reason.exchange_command_payload_may_follow:
    case Reason.command_line_too_long_endless:
    case Reason.reply_too_long_endless:
    case Reason.starttls_reply_injection_reply:
    case Reason.starttls_unavailable_not_offered:
    case Reason.starttls_unavailable_refused:
    case Reason.starttls_unavailable_no_switch:
    case Reason.starttls_unavailable_half_closed:
      return true;
    default:
      return false;
  }
}
