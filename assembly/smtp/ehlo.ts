import { skipBlanks, skipToken, spells } from "./scan";
import { contentEnd, lineEnd } from "./command";

/** What the last accepted EHLO announced, as a set of bits. */
export const enum Capability {
  none = 0,
  pipelining = 1,
  chunking = 2,
  smtputf8 = 4,
  starttls = 8,
  auth = 16,
}

/** The capabilities in the 250 reply to EHLO [from, to); the first line names the server and is passed over. */
export function capabilitiesOf(from: usize, to: usize): u32 {
  let found: u32 = Capability.none;
  let at = lineEnd(from, to);
  while (at != 0 && at < to) {
    const next = lineEnd(at, to);
    if (next == 0) break;
    found |= capabilityOf(at, contentEnd(at, next - 1));
    at = next;
  }
  return found;
}

/** The capability that one EHLO reply line announces (RFC 5321 4.1.1.1: code, separator, keyword, parameters). */
export function capabilityOf(from: usize, end: usize): u32 {
  if (end - from < 5) return Capability.none;
  const keyword = skipBlanks(from + 4, end);
  const length = <i32>(skipToken(keyword, end) - keyword);
  if (spells(keyword, length, "PIPELINING")) return Capability.pipelining;
  if (spells(keyword, length, "CHUNKING")) return Capability.chunking;
  if (spells(keyword, length, "SMTPUTF8")) return Capability.smtputf8;
  if (spells(keyword, length, "STARTTLS")) return Capability.starttls;
  if (spells(keyword, length, "AUTH")) return Capability.auth;
  return Capability.none;
}
