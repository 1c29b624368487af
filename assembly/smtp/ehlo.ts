import { Parameter } from "./parameter-names";
import { numberIn, skipBlanks, skipToken, spells, upper } from "./scan";
import { contentEnd, lineEnd } from "./command";

/** What the last accepted EHLO announced, as a set of bits; in the order of `KEYWORDS`. */
export const enum Capability {
  none = 0,
  pipelining = 1,
  chunking = 2,
  smtputf8 = 4,
  starttls = 8,
  auth = 16,
  size = 32,
  eightbitmime = 64,
  binarymime = 128,
  dsn = 256,
  deliverby = 512,
  requiretls = 1024,
  etrn = 2048,
  atrn = 4096,
  burl = 8192,
  mt_priority = 16384,
  futurerelease = 32768,
  rrvs = 65536,
  xverp = 131072,
  prdr = 262144,
  pipeconnect = 524288,
  xclient = 1048576,
  xforward = 2097152,
  xproxy = 4194304,
  xproxyfrom = 8388608,
  xproxyto = 16777216,
  xusr = 33554432,
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
  for (let i = 0; i < KEYWORDS.length; i++) {
    if (spells(keyword, length, unchecked(KEYWORDS[i]))) return 1 << i;
  }
  // Exim up to 4.93 and while it was an experiment (doc/doc-txt/experimental-spec.txt).
  if (spells(keyword, length, "PIPE_CONNECT") || spells(keyword, length, "X_PIPE_CONNECT")) {
    return Capability.pipeconnect;
  }
  // Servers before RFC 2554 wrote `AUTH=LOGIN`.
  return length > 5 && spells(keyword, 5, "AUTH=") ? Capability.auth : Capability.none;
}

/**
 * The SIZE that the 250 reply to EHLO [from, to) announces, at most 2^32 - 1; 0 where it has none, no number or 0, which all
 * say that no limit is known (RFC 1870 3). Of several lines the last counts.
 */
export function announcedSize(from: usize, to: usize): u32 {
  let size: u32 = 0;
  let at = lineEnd(from, to);
  while (at != 0 && at < to) {
    const next = lineEnd(at, to);
    if (next == 0) break;
    // Few lines begin so, and the others need no closer look.
    const keyword = skipBlanks(min(at + 4, next), next);
    if (keyword < next && upper(load<u8>(keyword)) == 0x53) {
      const said = sizeIn(keyword, contentEnd(at, next - 1));
      if (said >= 0) size = <u32>said;
    }
    at = next;
  }
  return size;
}

/** What the line whose content ends at `end` announces after the keyword SIZE at `keyword`; -1 where another one stands there. */
function sizeIn(keyword: usize, end: usize): i64 {
  const keywordEnd = skipToken(keyword, end);
  if (!spells(keyword, <i32>(keywordEnd - keyword), "SIZE")) return -1;
  const number = skipBlanks(keywordEnd, end);
  return <i64>numberIn(number, skipToken(number, end));
}

/** Whether [from, from + length) spells the keyword of one of the capabilities in `offered`. */
export function isKeywordOf(offered: u32, from: usize, length: i32): bool {
  for (let set = offered; set != 0; set &= set - 1) {
    if (spells(from, length, unchecked(KEYWORDS[ctz(set)]))) return true;
  }
  return false;
}

/**
 * What must have been announced for `parameter` of MAIL or RCPT, as a set of which any one will do.
 */
export function capabilityOfParameter(parameter: Parameter): u32 {
  return unchecked(NEEDED[ctz(<u32>parameter)]);
}

/** In the order of `Parameter`. */
const NEEDED: StaticArray<u32> = [
  Capability.size,
  Capability.eightbitmime | Capability.binarymime,
  Capability.smtputf8,
  Capability.dsn,
  Capability.dsn,
  Capability.dsn,
  Capability.dsn,
  Capability.auth,
  Capability.deliverby,
  Capability.requiretls,
  Capability.mt_priority,
  Capability.futurerelease,
  Capability.futurerelease,
  Capability.rrvs,
  Capability.prdr,
  Capability.xverp,
];

const KEYWORDS: StaticArray<string> = [
  "PIPELINING",
  "CHUNKING",
  "SMTPUTF8",
  "STARTTLS",
  "AUTH",
  "SIZE",
  "8BITMIME",
  "BINARYMIME",
  "DSN",
  "DELIVERBY",
  "REQUIRETLS",
  "ETRN",
  "ATRN",
  "BURL",
  "MT-PRIORITY",
  "FUTURERELEASE",
  "RRVS",
  "XVERP",
  "PRDR",
  "PIPECONNECT",
  "XCLIENT",
  "XFORWARD",
  "XPROXY",
  "XPROXYFROM",
  "XPROXYTO",
  "XUSR",
];
