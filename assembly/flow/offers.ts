import { serverEdits } from "../envoy/edits";
import { addToMetric } from "../envoy/host";
import { Action, Protection } from "../protections/catalogue";
import { Session } from "../session/session";
import { contentEnd, lineEnd } from "../smtp/command";
import { Capability, capabilityOf } from "../smtp/ehlo";
import { Reply } from "../smtp/reply";
import { Statistics } from "../telemetry/statistics";
import { preventsBy } from "../verdict/judge";

export function stripsStarttls(s: Session): bool {
  return preventsBy(s, Protection.starttls_command, Action.strip);
}

/**
 * Takes STARTTLS out of the EHLO reply wherever it stands. Where the last line goes, the one before becomes the last:
 * its "-" becomes a space (RFC 5321 4.2.1).
 */
export function stripStarttls(s: Session, reply: Reply): void {
  let lastKept: usize = 0;
  let found = false;
  for (let at = reply.start; at < reply.next; at = lineEnd(at, reply.next)) {
    if (isStarttlsLine(reply, at)) found = true;
    else lastKept = at;
  }
  if (!found) {
    serverEdits.pass(reply.start, reply.next - reply.start);
    return;
  }
  addToMetric(changetype<Statistics>(s.statistics).capabilitiesStripped, 1);
  let next: usize = 0;
  for (let at = reply.start; at < reply.next; at = next) {
    next = lineEnd(at, reply.next);
    if (isStarttlsLine(reply, at)) serverEdits.drop();
    else if (at == lastKept && next != reply.next && next - at > 3 && load<u8>(at + 3) == 0x2d) {
      serverEdits.pass(at, 3);
      serverEdits.drop();
      serverEdits.write(SPACE, 1);
      serverEdits.pass(at + 4, next - at - 4);
    } else serverEdits.pass(at, next - at);
  }
}

/** Whether the line at `at`, not the first of the reply, announces STARTTLS. */
function isStarttlsLine(reply: Reply, at: usize): bool {
  if (at == reply.start) return false;
  return capabilityOf(at, contentEnd(at, lineEnd(at, reply.next) - 1)) == Capability.starttls;
}

const SPACE: usize = memory.data<u8>([0x20]);
