import { Path } from "../smtp/path";
import { FirstReason, Reason } from "./generated-reasons";
import { bitOf } from "./reason-set";

/**
 * A local part, a domain or a path that is longer than the policy allows, in octets as they stand in the line (RFC 5321
 * 4.5.3.1.1 to 4.5.3.1.3): quotes are part of a local part, brackets of an address literal, route and "<>" of a path. A
 * set of reasons.
 */
export function pathTooLong(path: Path, localPart: i32, domain: i32, whole: i32): u32 {
  if (!path.found) return 0;
  let set: u32 = 0;
  if (<i32>(path.localEnd - path.start) > localPart)
    set |= bitOf(Reason.path_too_long_local_part, FirstReason.path_too_long);
  if (<i32>(path.domainEnd - path.domainStart) > domain)
    set |= bitOf(Reason.path_too_long_domain, FirstReason.path_too_long);
  if (<i32>(path.next - path.outerStart) > whole)
    set |= bitOf(Reason.path_too_long_path, FirstReason.path_too_long);
  return set;
}
