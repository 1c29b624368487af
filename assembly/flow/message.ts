import { clientEdits } from "../envoy/edits";
import { BufferId, readBuffer, WINDOW, windowStart } from "../envoy/host";
import { Policy } from "../policy/policy";
import { Mode, Protection } from "../protections/catalogue";
import { Reason } from "../protections/generated-reasons";
import { messageLimit } from "../protections/message_too_large";
import { excessFound, loadMessage, noteExcess, storeLines } from "../session/message";
import { liveIn, Session } from "../session/session";
import { Shadow } from "../session/shadow-record";
import { tallyOctets } from "../session/tally";
import { DataScan, DataState } from "../smtp/data";
import { Fact } from "../smtp/facts";
import { Excess, HEADER_EXCESS, HeaderState, MessageScan, UNLIMITED } from "../smtp/message";
import { afterLastByte } from "../smtp/scan";
import { judgeExcess } from "../verdict/data";
import { enforceOnClient } from "../verdict/enforce";
import { isOn } from "../verdict/judge";
import { stronger } from "../verdict/outcome";
import { firstSide, policyOf, Side } from "../verdict/side";

/** By the options of the policy, and by those of the shadow where it has others. */
const message = new MessageScan();
const inShadow = new MessageScan();

/** Octets that have a LF among them nearly always (RFC 5321 4.5.3.1.6). */
const LINE_READ: u32 = 1024;
const LF: u8 = 0x0a;

/** Whether both are used. */
let isDouble: bool = false;

/** The protections that look into messages, and those that look into the payload of BDAT. */
const PAYLOAD_READERS: u64 =
  ((<u64>1) << (<u64>Protection.data_line_too_long)) | ((<u64>1) << (<u64>Protection.header_too_long));
const READERS: u64 = PAYLOAD_READERS | ((<u64>1) << (<u64>Protection.message_too_large));

/** Whether octets of a payload must be looked at, not only counted: those of BDAT, for some protections. */
export function readsPayload(s: Session): bool {
  return (s.enabled & PAYLOAD_READERS) != 0 && (s.facts & Fact.payload_has_reply) == 0;
}

/** Takes up the message of `s` in DATA; returns whether anything is looked for in what is still to come. */
export function takeUpData(s: Session): bool {
  return (s.enabled & READERS) != 0 && takeUp(s, true);
}

function takeUp(s: Session, inData: bool): bool {
  const side = firstSide(s);
  isDouble = side == Side.live;
  const reads = load(s, message, side, inData);
  return isDouble ? load(s, inShadow, Side.shadow, inData) || reads : reads;
}

function load(s: Session, scan: MessageScan, side: Side, inData: bool): bool {
  scan.stuffs = inData;
  loadMessage(s, scan, side == Side.shadow);
  return setLimits(s, scan, side);
}

/** How far [at, to) of DATA can be read until something can be too much; `state` is the scanner's at `at`. */
export function reachInData(state: DataState, at: usize, to: usize): usize {
  // A dot that begins a line is none of it: where it was read already, the line has begun.
  const isStart = state != DataState.dot_crlf && state != DataState.dot_broken;
  return reach(at, to, isStart);
}

function reach(at: usize, to: usize, isStart: bool): usize {
  message.atStart = isStart && message.line == 0;
  const stop = message.reach(at, to);
  if (!isDouble) return stop;
  inShadow.atStart = message.atStart;
  return inShadow.reach(at, stop);
}

/** Counts [from, to), which `scan` read from where `reachInData` was asked; returns whether something is too much at its last octet. */
export function advanceInData(scan: DataScan, from: usize, to: usize): bool {
  const dots = scan.dots;
  scan.dots = 0;
  return advance(from, to, dots, scan.state == DataState.dot_crlf_cr ? 1 : 0);
}

function advance(from: usize, to: usize, dots: u32, undecided: u32): bool {
  message.advance(from, to, dots, undecided);
  if (!isDouble) return message.excess != Excess.none;
  inShadow.advance(from, to, dots, undecided);
  return (message.excess | inShadow.excess) != Excess.none;
}

/** Judges the octet at `at`, at which something is too much; returns whether that ended the session. */
export function endsByExcess(s: Session, at: usize): bool {
  const both = isDouble ? message.excess & inShadow.excess : message.excess;
  const side = firstSide(s);
  noteExcess(s, message.excess, false);
  if (isDouble) noteExcess(s, inShadow.excess, true);
  let outcome = judgeExcess(s, both, at, Side.both);
  if (isDouble) {
    outcome = stronger(outcome, judgeExcess(s, message.excess & ~both, at, Side.live));
    judgeExcess(s, inShadow.excess & ~both, at, Side.shadow);
    setLimits(s, inShadow, Side.shadow);
  }
  setLimits(s, message, side);
  return enforceOnClient(s, outcome);
}

/** Keeps where the message in DATA is. */
export function putDown(s: Session): void {
  s.messageOctets = message.octets;
  store(s);
}

function store(s: Session): void {
  storeLines(s, message, false);
  if (isDouble) storeLines(s, inShadow, true);
}

/** Reads [at, to), octets of a BDAT payload, and lets them pass; returns whether that ended the session. */
export function readPayload(s: Session, at: usize, to: usize): bool {
  const reads = takeUp(s, false);
  const start = at;
  let from = at;
  while (reads && at < to) {
    const stop = reach(at, to, true);
    const isFound = advance(at, stop, 0, 0);
    at = stop;
    if (!isFound) continue;
    clientEdits.pass(from, at - 1 - from);
    from = at - 1;
    if (endsByExcess(s, from)) {
      tallyOctets(s, at - start);
      return true;
    }
  }
  clientEdits.pass(from, to - from);
  // The octets are counted whether they are read or not.
  store(s);
  return false;
}

/**
 * Lets `length` octets of a BDAT payload pass that stand at `offset` of a buffer of which all was kept so far, and reads as few of
 * them as decide: after the header only the length of lines is looked for, and how long a line is at an octet, the last LF before
 * it says. False where all must be read.
 */
export function skimPayload(s: Session, offset: u32, length: u32): bool {
  const reads = takeUp(s, false);
  if (message.readsHeader || (isDouble && inShadow.readsHeader)) return false;
  const end = windowStart() + WINDOW;
  let at: u32 = 0;
  let passed: u32 = 0;
  while (reads && at < length) {
    const start = end - min(length - at, <u32>WINDOW);
    const octets = <u32>(reach(start, end, true) - start);
    if (!readLastLine(offset + at, octets, end)) return false;
    at += octets;
    if (!advance(end - octets, end, 0, 0)) continue;
    clientEdits.passUnread(at - 1 - passed);
    passed = at - 1;
    clientEdits.window = offset + passed;
    if (endsByExcess(s, end - 1)) {
      tallyOctets(s, at);
      return true;
    }
  }
  clientEdits.passUnread(length - passed);
  store(s);
  return true;
}

/**
 * Reads the last of the `octets` at `offset` of the buffer, so that they end at `end`: as many as a LF is among that is not the last
 * one, or all. False when the host did not give them.
 */
function readLastLine(offset: u32, octets: u32, end: usize): bool {
  let left = octets;
  let piece: u32 = LINE_READ;
  while (left > 0) {
    piece = min(piece, left);
    left -= piece;
    const from = end - octets + left;
    if (readBuffer(BufferId.downstream, offset + left, piece, from) != <i32>piece) return false;
    if (afterLastByte(from, min(from + piece, end - 1), LF) != 0) return true;
    piece <<= 1;
  }
  return true;
}

/** Sets the limits of what `side` wants to know and was not found yet; returns whether there is any. */
function setLimits(s: Session, scan: MessageScan, side: Side): bool {
  const policy = policyOf(s, side);
  let kinds = kindsFor(s, side) & ~excessFound(s, side == Side.shadow);
  if (scan.header == HeaderState.ended) kinds &= ~HEADER_EXCESS;
  // The octets of a payload were judged by its BDAT line.
  if (!scan.stuffs) kinds &= ~(Excess.octets as u32);
  scan.lineMost = limitOf(kinds & Excess.line, policy.data_line_too_long_line_bytes);
  scan.endlessMost = limitOf(kinds & Excess.endless, policy.data_line_too_long_endless_bytes);
  scan.headerLineMost = limitOf(kinds & Excess.header_line, policy.header_too_long_line_bytes);
  scan.headerNameMost = limitOf(kinds & Excess.header_name, policy.header_too_long_name_bytes);
  scan.headerBlockMost = limitOf(kinds & Excess.header_block, policy.header_too_long_block_bytes);
  scan.octetsMost = UNLIMITED;
  if ((kinds & Excess.octets) != 0)
    scan.octetsMost = messageLimit(policy.message_too_large_bytes, s.announcedSize);
  return kinds != Excess.none;
}

/** Notes in `policy`, once it is read, what it wants to know of the size of messages. */
export function settleExcess(policy: Policy): void {
  policy.excessKinds =
    kindFor(policy, Reason.data_line_too_long_line, Excess.line) |
    kindFor(policy, Reason.data_line_too_long_endless, Excess.endless) |
    kindFor(policy, Reason.header_too_long_line, Excess.header_line) |
    kindFor(policy, Reason.header_too_long_name, Excess.header_name) |
    kindFor(policy, Reason.header_too_long_block, Excess.header_block) |
    kindFor(policy, Reason.message_too_large_octets, Excess.octets);
  const shadow = policy.shadow;
  if (shadow !== null) settleExcess(shadow);
}

function kindFor(policy: Policy, reason: Reason, kind: u32): u32 {
  return policy.reasonModes[reason] == <u8>Mode.off ? Excess.none : kind;
}

/** The kinds of `Excess` that `side` wants to know in this session. */
function kindsFor(s: Session, side: Side): u32 {
  let kinds: u32 = Excess.none;
  if ((side & Side.live) != 0) kinds = kindsOf(changetype<Policy>(s.policy), liveIn(s));
  if (s.shadow == 0 || (side & Side.shadow) == 0) return kinds;
  const shadow = changetype<Shadow>(s.shadow);
  return kinds | kindsOf(changetype<Policy>(shadow.policy), shadow.enabled);
}

/** The same of one policy, of whose protections the source is not exempt from `enabled`. */
function kindsOf(policy: Policy, enabled: u64): u32 {
  const kinds = policy.excessKinds;
  if (kinds == Excess.none || (enabled & READERS) == READERS) return kinds;
  let wanted: u32 = Excess.none;
  if (isOn(enabled, Protection.data_line_too_long)) wanted |= Excess.line | Excess.endless;
  if (isOn(enabled, Protection.header_too_long)) wanted |= HEADER_EXCESS;
  if (isOn(enabled, Protection.message_too_large)) wanted |= Excess.octets;
  return kinds & wanted;
}

function limitOf(kind: u32, most: u32): u32 {
  return kind != Excess.none ? most : UNLIMITED;
}
