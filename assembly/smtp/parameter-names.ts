import { spells } from "./scan";

/** An ESMTP parameter of MAIL or RCPT that is known by name: a bit in sets of them, in the order of `NEEDED` in ehlo.ts. */
export const enum Parameter {
  none = 0,
  size = 1,
  body = 2,
  smtputf8 = 4,
  ret = 8,
  envid = 16,
  notify = 32,
  orcpt = 64,
  auth = 128,
  by = 256,
  requiretls = 512,
  mt_priority = 1024,
  holdfor = 2048,
  holduntil = 4096,
  rrvs = 8192,
  prdr = 16384,
  xverp = 32768,
  /** All of these. */
  known = 65535,
  /** `smtputf8` without a value. */
  asks_utf8 = 65536,
  /** `body` with the value BINARYMIME. */
  asks_binarymime = 131072,
}

/** RCPT's own: RFC 3461 4.1 and 4.2, RFC 7293 3.1. All others are MAIL's. */
export const RCPT_PARAMETERS: u32 = Parameter.notify | Parameter.orcpt | Parameter.rrvs;

/** The parameter whose keyword is [from, from + length), in any case (RFC 5321 2.4). */
export function parameterOf(from: usize, length: i32): Parameter {
  switch (length) {
    case 4:
      return fourLetters(from);
    case 2:
      return spells(from, 2, "BY") ? Parameter.by : Parameter.none;
    case 3:
      return spells(from, 3, "RET") ? Parameter.ret : Parameter.none;
    case 5:
      if (spells(from, 5, "ORCPT")) return Parameter.orcpt;
      if (spells(from, 5, "ENVID")) return Parameter.envid;
      return spells(from, 5, "XVERP") ? Parameter.xverp : Parameter.none;
    case 6:
      return spells(from, 6, "NOTIFY") ? Parameter.notify : Parameter.none;
    case 7:
      return spells(from, 7, "HOLDFOR") ? Parameter.holdfor : Parameter.none;
    case 8:
      return spells(from, 8, "SMTPUTF8") ? Parameter.smtputf8 : Parameter.none;
    case 9:
      return spells(from, 9, "HOLDUNTIL") ? Parameter.holduntil : Parameter.none;
    case 10:
      return spells(from, 10, "REQUIRETLS") ? Parameter.requiretls : Parameter.none;
    case 11:
      return spells(from, 11, "MT-PRIORITY") ? Parameter.mt_priority : Parameter.none;
    default:
      return Parameter.none;
  }
}

/** Letters as a little-endian number, so that they are one compare. */
function fourLetters(from: usize): Parameter {
  switch (load<u32>(from) & 0xdfdfdfdf) {
    case 0x455a4953:
      return Parameter.size;
    case 0x59444f42:
      return Parameter.body;
    case 0x48545541:
      return Parameter.auth;
    case 0x53565252:
      return Parameter.rrvs;
    case 0x52445250:
      return Parameter.prdr;
    default:
      return Parameter.none;
  }
}
