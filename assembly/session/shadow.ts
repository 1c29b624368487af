import { Address, Policy } from "../policy/policy";
import { giveBack, mayTake, take } from "./memory";
import { Session } from "./session";
import { preventedByShadow, Shadow } from "./shadow-record";

/**
 * Begins the shadow of a session that has begun, with the inner policy `policy`, which may have its own mind of `source`.
 * False when the VM has no room: the session goes on without.
 */
export function openShadow(s: Session, policy: Policy, source: Address | null): bool {
  if (!mayTake(s, SHADOW_SIZE, 0)) return false;
  const address = take(SHADOW_SIZE);
  memory.fill(address, 0, SHADOW_SIZE);
  const shadow = changetype<Shadow>(address);
  shadow.policy = changetype<usize>(policy);
  shadow.live = s.enabled;
  shadow.enabled = policy.enabled & ~(source === null ? 0 : policy.exemptFor(source));
  shadow.isTrusted = source !== null && policy.trusts(source);
  // What TLS asks for ends a session whatever its protections do (verdict/enforce.ts).
  const handlesTls = changetype<Policy>(s.policy).handlesTls;
  shadow.prevents = preventedByShadow(shadow) != 0 || handlesTls;
  s.shadow = address;
  s.enabled |= shadow.enabled;
  return true;
}

/** Gives the record back; the session has no shadow any more. */
export function freeShadow(s: Session): void {
  if (s.shadow == 0) return;
  giveBack(s.shadow, SHADOW_SIZE);
  s.shadow = 0;
}

/** Bytes that a connection with a shadow costs beyond `SESSION_SIZE`. */
const SHADOW_SIZE: usize = offsetof<Shadow>();
