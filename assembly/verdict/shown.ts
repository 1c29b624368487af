/** What an event shows of the wire: names, addresses, the verb, the bytes that matched; as much as the policy allows. */
import { Addresses, Excerpt, Policy } from "../policy/policy";
import { hasEnvelope, mailFrom, mailFromLength, PATH_MAX, rcptTo, rcptToLength } from "../session/envelope";
import { HELO_MAX, heloOf, Session } from "../session/session";
import { isPlain, isWord, mayHoldAddress } from "../smtp/address-bytes";
import { Path } from "../smtp/path";
import { isAlpha, isDigit, skipBlanks } from "../smtp/scan";
import { Verb } from "../smtp/verb";
import { verbName } from "../smtp/verb-table";
import { sipHash } from "../telemetry/sip-hash";
import { Text } from "../telemetry/text";
import { Evidence, EXCERPT_MAX } from "./evidence";

const path = new Path();

/** Who the client says it is and the envelope, with what the line itself names in the place of what was known before. */
export function writeNames(line: Text, s: Session, evidence: Evidence): void {
  const policy = changetype<Policy>(s.policy);
  const named = evidence.nameLength > 0 ? evidence.verb : Verb.none;
  const start = evidence.nameStart;
  const length = evidence.nameLength;
  line.bytes(SMTP);
  if (named == Verb.helo || named == Verb.ehlo) writeHelo(line, start, length, policy);
  else if (s.heloLength > 0) writeHelo(line, heloOf(s), s.heloLength, policy);
  if (named == Verb.mail) writePath(line, MAIL_FROM, start, length, policy);
  else if (hasEnvelope(s)) writePath(line, MAIL_FROM, mailFrom(s), mailFromLength(s), policy);
  if (named == Verb.rcpt) writePath(line, RCPT_TO, start, length, policy);
  else if (hasEnvelope(s) && named != Verb.mail && rcptToLength(s) > 0) {
    writePath(line, RCPT_TO, rcptTo(s), rcptToLength(s), policy);
  }
  line.byte(0x7d);
}

/** Who the client says it is, and the envelope of the last transaction. */
export function writeSessionNames(line: Text, s: Session): void {
  const policy = changetype<Policy>(s.policy);
  line.bytes(SMTP);
  if (s.heloLength > 0) writeHelo(line, heloOf(s), s.heloLength, policy);
  if (s.envelope != 0) {
    writePath(line, MAIL_FROM, mailFrom(s), mailFromLength(s), policy);
    if (rcptToLength(s) > 0) writePath(line, RCPT_TO, rcptTo(s), rcptToLength(s), policy);
  }
  line.byte(0x7d);
}

function writeHelo(line: Text, from: usize, length: i32, policy: Policy): void {
  if (policy.addresses == Addresses.full || !mayHoldAddress(from, from + <usize>length)) {
    line.member(HELO);
    line.wireValue(from, length, HELO_MAX);
  }
}

/** Writes the member that begins with `member`, an address as the policy shows it; an empty one is the null reverse-path. */
function writePath(line: Text, member: ArrayBuffer, from: usize, length: i32, policy: Policy): void {
  const how = policy.addresses;
  if (how == Addresses.none) return;
  let start = from;
  let end = from + <usize>min(length, PATH_MAX);
  if (how == Addresses.domain && start < end) {
    path.readAlone(start, end);
    start = skipBlanks(path.domainStart, path.domainEnd);
    end = domainEnd(start, path.domainEnd);
    if (start == end) return;
  }
  line.member(member);
  if (how == Addresses.hashed && start < end) {
    line.hex(bswap(sipHash(start, <i32>(end - start), policy.addressKey0, policy.addressKey1)));
  } else line.wire(start, <i32>(end - start));
  line.byte(0x22);
  // EVE has an array here; the latest recipient is the one that a finding is about.
  if (member == RCPT_TO) line.byte(0x5d);
}

/** Where the domain or address literal that begins at `from` ends: after it anything may stand, names among it. */
function domainEnd(from: usize, to: usize): usize {
  let at = from;
  if (at < to && load<u8>(at) == 0x5b) {
    at++;
    while (at < to && (isPlain(load<u8>(at)) || load<u8>(at) == 0x3a)) at++;
    return at < to && load<u8>(at) == 0x5d ? at + 1 : at;
  }
  while (at < to && isPlain(load<u8>(at))) at++;
  return at;
}

export function writeVerb(line: Text, evidence: Evidence, policy: Policy): void {
  const name = verbName(evidence.verb);
  if (name.length > 0) line.word("verb", name);
  else if (evidence.verbLength > 0 && !evidence.secret) {
    if (policy.addresses != Addresses.full && !isVerb(evidence.verbStart, evidence.verbLength)) return;
    line.wireMember("verb", evidence.verbStart, evidence.verbLength, 20);
  }
}

/** Whether nothing but letters, digits and "-" is in it: an address, or a line end of some server, is no verb. */
function isVerb(from: usize, length: i32): bool {
  for (let i = 0; i < length; i++) {
    const byte: u32 = load<u8>(from + <usize>i);
    if (!isAlpha(byte) && !isDigit(byte) && byte != 0x2d) return false;
  }
  return true;
}

/** The bytes that matched, cut to `EXCERPT_MAX`; masked keeps their shape only: letters become x and digits 0. */
export function writeExcerpt(line: Text, evidence: Evidence, policy: Policy): void {
  const how = policy.excerpt;
  if (how == Excerpt.none || evidence.length == 0) return;
  line.key("excerpt");
  line.byte(0x22);
  const length = min(evidence.length, EXCERPT_MAX);
  if (evidence.secret) line.ascii("***");
  else if (policy.addresses != Addresses.full && namesSomebody(evidence))
    writeShape(line, evidence.start, length);
  else if (how == Excerpt.full && !evidence.mayEcho) line.wire(evidence.start, length);
  else {
    for (let i = 0; i < length; i++) {
      const byte: u32 = load<u8>(evidence.start + i);
      if (isAlpha(byte)) line.byte(0x78);
      else if (isDigit(byte)) line.byte(0x30);
      else line.wire(evidence.start + i, 1);
    }
  }
  line.byte(0x22);
}

/** Whether an address may be in the evidence: a server may repeat one in any reply. */
function namesSomebody(evidence: Evidence): bool {
  const verb = evidence.verb;
  if (verb == Verb.mail || verb == Verb.rcpt || verb == Verb.vrfy || verb == Verb.expn) return true;
  if (evidence.fromServer || verb == Verb.rcpt2) return true;
  return mayHoldAddress(evidence.start, evidence.start + <usize>evidence.length);
}

/** Bytes that may hold an address: each word is one x, however long it is, and only what stands between words is shown. */
function writeShape(line: Text, from: usize, length: i32): void {
  let inWord: bool = false;
  for (let i = 0; i < length; i++) {
    const isPart = isWord(load<u8>(from + <usize>i));
    if (!isPart) line.wire(from + <usize>i, 1);
    else if (!inWord) line.byte(0x78);
    inWord = isPart;
  }
}

const SMTP: ArrayBuffer = String.UTF8.encode(',"smtp":{');
const HELO: ArrayBuffer = String.UTF8.encode('"helo":');
const MAIL_FROM: ArrayBuffer = String.UTF8.encode('"mail_from":"');
const RCPT_TO: ArrayBuffer = String.UTF8.encode('"rcpt_to":["');
