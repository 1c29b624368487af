import { callForeign } from "../envoy/host";
import { Policy } from "../policy/policy";
import { Action, Mode, Protection } from "../protections/catalogue";
import { sourceAbuse } from "../protections/source_abuse";
import { preventedIn, Session } from "../session/session";
import { preventedByShadow, Shadow } from "../session/shadow-record";
import { SourceKind } from "../smtp/source-kind";
import { Verb } from "../smtp/verb";
import { Evidence } from "./evidence";
import { isOn } from "./judge";
import { NOTHING, outcomeOf } from "./outcome";
import { report, reportShadow } from "./report";
import { Side } from "./side";
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
  const kind = meetSource(s, Side.live);
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

/** The same for the shadow of a session that has one: of what it would have sent to its cluster it judges nothing. */
export function judgeShadowArrival(s: Session): void {
  const kind = meetSource(s, Side.shadow);
  if (kind == SourceKind.none) return;
  const shadow = changetype<Shadow>(s.shadow);
  const policy = changetype<Policy>(shadow.policy);
  const reason = sourceAbuse(kind);
  const prevents =
    <Mode>policy.reasonModes[reason] == Mode.prevent &&
    isOn(preventedByShadow(shadow), Protection.source_abuse);
  if (policy.quarantine === null || !prevents) return;
  evidence.unread(0, 0, Verb.none);
  reportShadow(s, evidence, reason, outcomeOf(Protection.source_abuse, Action.quarantine), NOTHING);
  shadow.enabled = 0;
  shadow.sourceKind = <u8>SourceKind.none;
  shadow.prevents = changetype<Policy>(s.policy).handlesTls;
}

const SET_FILTER_STATE: ArrayBuffer = String.UTF8.encode("set_envoy_filter_state");
