import { contentEnd, lineEnd } from "../smtp/command";
import { Reply } from "../smtp/reply";
import { findByte, skipBlanks, skipToken } from "../smtp/scan";
import { Reason } from "./generated-reasons";

/**
 * A line of a 250 reply to EHLO, not the first, has a keyword of three X or more and at most one other letter: Cisco ASA
 * writes such over what it does not know.
 */
export function ehloReplyMasked(reply: Reply): Reason {
  // Most replies have no X at all, which a look at all of it says faster than one at each line.
  if (findByte(reply.start, reply.next, <u8>X) == reply.next) return Reason.none;
  let at = lineEnd(reply.start, reply.next);
  while (at != 0 && at < reply.next) {
    const next = lineEnd(at, reply.next);
    if (next == 0) break;
    const end = contentEnd(at, next - 1);
    const keyword = skipBlanks(min(at + 4, end), end);
    if (isMask(keyword, skipToken(keyword, end))) return Reason.ehlo_reply_masked_masked;
    at = next;
  }
  return Reason.none;
}

function isMask(from: usize, to: usize): bool {
  let at = from;
  while (at < to && load<u8>(at) == X) at++;
  if (at - from < 3) return false;
  return at == to || (at + 1 == to && <u32>load<u8>(at) - 0x41 < 26);
}

const X: u32 = 0x58;
