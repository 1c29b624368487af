import { callForeign } from "../envoy/host";
import { Policy } from "../policy/policy";
import { Action, Mode, Protection } from "../protections/catalogue";
import { sourceAbuse } from "../protections/source_abuse";
import { preventedIn, Session } from "../session/session";
import { SourceKind } from "../smtp/source-kind";
import { Verb } from "../smtp/verb";
import { Evidence } from "./evidence";
import { isOn } from "./judge";
import { outcomeOf } from "./outcome";
import { report } from "./report";
import { meetSource } from "./sources";

const evidence = new Evidence();

/** Whether any connection under `policy` has its source looked up. */
export function remembersSources(policy: Policy): bool {
  return isOn(policy.enabled, Protection.source_abuse);
}

/**
 * Looks at where a new connection comes from, before anything else is judged. A source that is refused gets its answer in the
 * place of the greeting, since nothing can be said before the server speaks; or it is sent to the policy's cluster, where
 * nothing is judged: false.
 */
export function judgeArrival(s: Session): bool {
  const kind = meetSource(s);
  if (kind == SourceKind.none) return true;
  const policy = changetype<Policy>(s.policy);
  const route = policy.quarantine;
  const reason = sourceAbuse(kind);
  const prevents =
    <Mode>policy.reasonModes[reason] == Mode.prevent && isOn(preventedIn(s), Protection.source_abuse);
  if (route === null || !prevents || !callForeign(SET_FILTER_STATE, route)) return true;
  evidence.unread(0, 0, Verb.none);
  report(s, evidence, reason, outcomeOf(Protection.source_abuse, Action.quarantine));
  s.enabled = 0;
  return false;
}

const SET_FILTER_STATE: ArrayBuffer = String.UTF8.encode("set_envoy_filter_state");
