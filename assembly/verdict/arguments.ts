/** What the protections say of the arguments of a command. */
import { addressMetacharacters } from "../protections/address_metacharacters";
import { badEsmtpParameter } from "../protections/bad_esmtp_parameter";
import { badHeloArgument } from "../protections/bad_helo_argument";
import { badPathSyntax } from "../protections/bad_path_syntax";
import { bdatMalformed } from "../protections/bdat_malformed";
import { Protection } from "../protections/catalogue";
import { FirstReason } from "../protections/generated-reasons";
import { laxCommandStyle } from "../protections/lax_command_syntax";
import { pathTooLong } from "../protections/path_too_long";
import { routedAddress } from "../protections/routed_address";
import { unannouncedExtension } from "../protections/unannounced_extension";
import { Session } from "../session/session";
import { isHello } from "../session/starttls";
import { Command } from "../smtp/command";
import { Fact } from "../smtp/facts";
import { ParameterFault } from "../smtp/parameters";
import { Path } from "../smtp/path";
import { Verb } from "../smtp/verb";
import { judgeRecipient, judgeSize } from "./amounts";
import { Findings } from "./findings";
import { isOn } from "./judge";
import { firstSide, nextSide, policyOf, Side } from "./side";

/** Judges what stands after the verb; `path` is RCPT's or MAIL's. */
export function judgeArguments(s: Session, findings: Findings, command: Command, path: Path): void {
  const verb = command.verb;
  if ((s.facts & Fact.offered) != 0) findings.add(s, unannouncedExtension(command, s.capabilities));
  if (verb == Verb.mail || verb == Verb.rcpt) judgePath(s, findings, command, path);
  else {
    findings.addEach(s, laxCommandStyle(command, path, false), FirstReason.lax_command_syntax);
    if (isHello(verb)) findings.add(s, badHeloArgument(command));
  }
  if ((verb == Verb.mail || verb == Verb.bdat) && isOn(s.enabled, Protection.message_too_large))
    judgeSize(s, command, path, findings);
  if (verb == Verb.bdat) findings.add(s, bdatMalformed(command));
}

function judgePath(s: Session, findings: Findings, command: Command, path: Path): void {
  let isBadPath: bool = false;
  // Nearly all are so, and then nothing else is asked.
  if (!path.isUsual) isBadPath = judgeUnusual(s, findings, command, path);
  else if (!command.isPlain || path.hasColonBlank) {
    findings.addEach(s, laxCommandStyle(command, path, false), FirstReason.lax_command_syntax);
  }
  if (command.verb == Verb.rcpt) {
    for (let side = firstSide(s); side != Side.none; side = nextSide(side)) {
      judgeRecipient(s, path, side, findings);
    }
  }
  const faults = command.parameters.faults;
  if (faults == ParameterFault.none) return;
  findings.addEach(s, badEsmtpParameter(faults, isBadPath), FirstReason.bad_esmtp_parameter);
}

/** A path that is not `<local@domain>` of common letters, or is long; returns whether it is no path at all. */
function judgeUnusual(s: Session, findings: Findings, command: Command, path: Path): bool {
  const bad = badPathSyntax(command.verb, path);
  findings.addEach(s, laxCommandStyle(command, path, bad != 0), FirstReason.lax_command_syntax);
  findings.addEach(s, bad, FirstReason.bad_path_syntax);
  judgeLengths(s, findings, path);
  findings.addEach(s, addressMetacharacters(path), FirstReason.address_metacharacters);
  findings.addEach(s, routedAddress(command.verb, path), FirstReason.routed_address);
  return bad != 0;
}

function judgeLengths(s: Session, findings: Findings, path: Path): void {
  for (let side = firstSide(s); side != Side.none; side = nextSide(side)) {
    const policy = policyOf(s, side);
    const long = pathTooLong(
      path,
      policy.path_too_long_local_part,
      policy.path_too_long_domain,
      policy.path_too_long_path,
    );
    findings.addEachFor(s, side, long, FirstReason.path_too_long);
  }
}
