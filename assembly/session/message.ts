import { Excess, HeaderState, LINE_MOST, MessageScan } from "../smtp/message";
import { Fact } from "../smtp/facts";
import { Session } from "./session";
import { Shadow } from "./shadow-record";
import { tallyOctets } from "./tally";

/*
 * What the session remembers of the message that is being read, between two chunks: `messageOctets`, and in `messageState` the
 * octets of the line (23 bits), a `HeaderState` (3) and the kinds of `Excess` that were found (6).
 */

const HEADER_AT: u32 = 23;
const FOUND_AT: u32 = 26;

/** The next octets are the first of a message. */
export function beginMessage(s: Session): void {
  s.messageOctets = 0;
  setState(s, (<u32>HeaderState.name) << HEADER_AT);
}

/**
 * A BDAT line was sent on. The first chunk of a transaction begins a message; with BINARYMIME that has no lines (RFC 3030 3),
 * but for those of its header. To be called before the line changes the facts of `s`.
 */
export function beginChunk(s: Session): void {
  if ((s.facts & Fact.chunks) != 0) return;
  beginMessage(s);
  if ((s.facts & Fact.binarymime) != 0) setState(s, (Excess.line | Excess.endless) << FOUND_AT);
}

/** For both policies. */
function setState(s: Session, state: u32): void {
  s.messageState = state;
  if (s.shadow != 0) changetype<Shadow>(s.shadow).messageState = state;
}

/** Octets of a BDAT payload went by. */
export function countOctets(s: Session, length: u64): void {
  s.messageOctets = <u32>min<u64>(<u64>s.messageOctets + length, u32.MAX_VALUE);
  tallyOctets(s, length);
}

/** The kinds of `Excess` that need not be looked for in this message any more: for the policy, or for the shadow's options. */
export function excessFound(s: Session, ofShadow: bool): u32 {
  return stateOf(s, ofShadow) >> FOUND_AT;
}

export function noteExcess(s: Session, excess: u32, ofShadow: bool): void {
  if (ofShadow) changetype<Shadow>(s.shadow).messageState |= excess << FOUND_AT;
  else s.messageState |= excess << FOUND_AT;
}

function stateOf(s: Session, ofShadow: bool): u32 {
  return ofShadow ? changetype<Shadow>(s.shadow).messageState : s.messageState;
}

/** Octets of the message that the next BDAT line goes on with. */
export function octetsBefore(s: Session): u32 {
  return (s.facts & Fact.chunks) != 0 ? s.messageOctets : 0;
}

/** Makes `scan` go on where the session's message was left. */
export function loadMessage(s: Session, scan: MessageScan, ofShadow: bool): void {
  const state = stateOf(s, ofShadow);
  scan.octets = s.messageOctets;
  scan.line = state & LINE_MOST;
  scan.header = <HeaderState>((state >> HEADER_AT) & 7);
}

/** Keeps where in its lines `scan` is. */
export function storeLines(s: Session, scan: MessageScan, ofShadow: bool): void {
  const found = excessFound(s, ofShadow) << FOUND_AT;
  const state = found | ((<u32>scan.header) << HEADER_AT) | scan.line;
  if (ofShadow) changetype<Shadow>(s.shadow).messageState = state;
  else s.messageState = state;
}
