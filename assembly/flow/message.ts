import { clientEdits } from "../envoy/edits";
import { Policy } from "../policy/policy";
import { Mode, Protection } from "../protections/catalogue";
import { Reason } from "../protections/generated-reasons";
import { messageLimit } from "../protections/message_too_large";
import { excessFound, loadMessage, noteExcess, storeLines } from "../session/message";
import { Session } from "../session/session";
import { Shadow } from "../session/shadow-record";
import { DataScan, DataState } from "../smtp/data";
import { Fact } from "../smtp/facts";
import { Excess, HEADER_EXCESS, HeaderState, MessageScan, UNLIMITED } from "../smtp/message";
import { judgeExcess } from "../verdict/data";
import { enforceOnClient } from "../verdict/enforce";
import { isOn, wanting } from "../verdict/judge";
import { stronger } from "../verdict/outcome";
import { firstSide, policyOf, Side } from "../verdict/side";

/** By the options of the policy, and by those of the shadow where it has others. */
const message = new MessageScan();
const inShadow = new MessageScan();
/** A bit beside those of `Excess`. */
const ASKED: u32 = 128;

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
  let from = at;
  while (reads && at < to) {
    const stop = reach(at, to, true);
    const isFound = advance(at, stop, 0, 0);
    at = stop;
    if (!isFound) continue;
    clientEdits.pass(from, at - 1 - from);
    from = at - 1;
    if (endsByExcess(s, from)) return true;
  }
  clientEdits.pass(from, to - from);
  // The octets are counted whether they are read or not.
  store(s);
  return false;
}

/** Sets the limits of what `side` wants to know and was not found yet; returns whether there is any. */
function setLimits(s: Session, scan: MessageScan, side: Side): bool {
  const policy = policyOf(s, side);
  let kinds = kindsOn(s, side) & ~excessFound(s, side == Side.shadow);
  if (scan.header == HeaderState.ended) kinds &= ~HEADER_EXCESS;
  // The octets of a payload were judged by its BDAT line.
  if (!scan.stuffs) kinds &= ~(Excess.octets as u32);
  scan.lineMost = limitOf(kinds & Excess.line, policy.data_line_too_long_line_bytes);
  scan.endlessMost = limitOf(kinds & Excess.endless, policy.data_line_too_long_endless_bytes);
  scan.headerLineMost = limitOf(kinds & Excess.header_line, policy.header_too_long_line_bytes);
  scan.headerNameMost = limitOf(kinds & Excess.header_name, policy.header_too_long_name_bytes);
  scan.headerBlockMost = limitOf(kinds & Excess.header_block, policy.header_too_long_block_bytes);
  const most = messageLimit(policy.message_too_large_bytes, s.announcedSize);
  scan.octetsMost = limitOf(kinds & Excess.octets, most);
  return kinds != Excess.none;
}

/** The kinds of `Excess` that `side` wants to know in this session: with a shadow asked once, since there are two to ask. */
function kindsOn(s: Session, side: Side): u32 {
  if (s.shadow == 0) return kindsWanted(s, side);
  const shadow = changetype<Shadow>(s.shadow);
  if (shadow.liveKinds == 0) {
    shadow.liveKinds = <u8>(ASKED | kindsWanted(s, Side.live));
    shadow.kinds = <u8>kindsWanted(s, Side.shadow);
  }
  const live: u32 = (side & Side.live) != 0 ? (<u32>shadow.liveKinds) & ~ASKED : 0;
  return (side & Side.shadow) != 0 ? live | (<u32>shadow.kinds) : live;
}

function kindsWanted(s: Session, side: Side): u32 {
  let kinds: u32 = Excess.none;
  if (isOn(s.enabled, Protection.data_line_too_long)) {
    if (isWanted(s, Reason.data_line_too_long_line, side)) kinds |= Excess.line;
    if (isWanted(s, Reason.data_line_too_long_endless, side)) kinds |= Excess.endless;
  }
  if (isOn(s.enabled, Protection.header_too_long)) {
    if (isWanted(s, Reason.header_too_long_line, side)) kinds |= Excess.header_line;
    if (isWanted(s, Reason.header_too_long_name, side)) kinds |= Excess.header_name;
    if (isWanted(s, Reason.header_too_long_block, side)) kinds |= Excess.header_block;
  }
  if (isOn(s.enabled, Protection.message_too_large)) {
    if (isWanted(s, Reason.message_too_large_octets, side)) kinds |= Excess.octets;
  }
  return kinds;
}

function isWanted(s: Session, reason: Reason, side: Side): bool {
  if (s.shadow != 0) return (wanting(s, reason) & side) != Side.none;
  return unchecked(changetype<Policy>(s.policy).reasonModes[reason]) != <u8>Mode.off;
}

function limitOf(kind: u32, most: u32): u32 {
  return kind != Excess.none ? most : UNLIMITED;
}
