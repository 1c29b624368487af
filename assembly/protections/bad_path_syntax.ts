import { Path } from "../smtp/path";
import { PathFault } from "../smtp/path-pieces";
import { PathShape } from "../smtp/path-scanner";
import { Verb } from "../smtp/verb";
import { FirstReason, Reason } from "./generated-reasons";
import { bitOf } from "./reason-set";

/**
 * What stands in MAIL or RCPT where a path should, and is none: a set of reasons. A recipient that servers do not agree
 * about, or that has no domain, is `recipient_no_domain`'s.
 */
export function badPathSyntax(verb: Verb, path: Path): u32 {
  if (!path.found) return bitOf(Reason.bad_path_syntax_keyword, FirstReason.bad_path_syntax);
  if (path.faults == PathFault.none) return 0;
  if (verb == Verb.rcpt && (path.shape == PathShape.ambiguous || !path.hasDomain)) return 0;
  let set: u32 = 0;
  if ((path.faults & PathFault.unclosed) != 0)
    set |= bitOf(Reason.bad_path_syntax_unclosed, FirstReason.bad_path_syntax);
  if ((path.faults & PathFault.stray_bracket) != 0)
    set |= bitOf(Reason.bad_path_syntax_stray_bracket, FirstReason.bad_path_syntax);
  if ((path.faults & PathFault.glued) != 0)
    set |= bitOf(Reason.bad_path_syntax_glued, FirstReason.bad_path_syntax);
  if ((path.faults & PathFault.blank) != 0)
    set |= bitOf(Reason.bad_path_syntax_blank, FirstReason.bad_path_syntax);
  if ((path.faults & PathFault.display_name) != 0)
    set |= bitOf(Reason.bad_path_syntax_display_name, FirstReason.bad_path_syntax);
  return set;
}
