import { Parameter } from "./parameter-names";
import { numberIn, skipBlanks, skipToken, spells } from "./scan";
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

/** What a 250 reply to EHLO announces. One object, reused. */
@final
export class Offers {
  capabilities: u32 = Capability.none;
  /**
   * The octets that SIZE says, at most 2^32 - 1; 0 where it is not there, says no number or 0, which all mean that no limit is known
   * (RFC 1870 3). Of several lines the last counts.
   */
  size: u32 = 0;

  /** Reads the reply [from, to); its first line names the server and is passed over. */
  read(from: usize, to: usize): void {
    let found: u32 = Capability.none;
    this.size = 0;
    let at = lineEnd(from, to);
    while (at != 0 && at < to) {
      const next = lineEnd(at, to);
      if (next == 0) break;
      const end = contentEnd(at, next - 1);
      const capability = capabilityOf(at, end);
      found |= capability;
      if (capability == Capability.size) this.size = sizeIn(at, end);
      at = next;
    }
    this.capabilities = found;
  }
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

/** What the line [from, end), whose keyword is SIZE, says. */
function sizeIn(from: usize, end: usize): u32 {
  const number = skipBlanks(skipToken(skipBlanks(from + 4, end), end), end);
  return numberIn(number, skipToken(number, end));
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
