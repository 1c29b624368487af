import { clientEdits } from "../envoy/edits";
import { Policy } from "../policy/policy";
import { Action, Mode, Protection } from "../protections/catalogue";
import { Reason } from "../protections/generated-reasons";
import { Outstanding, pushEntry } from "../session/queue";
import { dataStateOf, preventedIn, Session, SessionMode } from "../session/session";
import { DataEvent, DataScan, DataState } from "../smtp/data";
import { Fact, TRANSACTION_FACTS } from "../smtp/facts";
import { Verb } from "../smtp/verb";
import { judgeData } from "../verdict/data";
import { enforceOnClient } from "../verdict/enforce";
import { isOn, preventsBy } from "../verdict/judge";
import { advanceInData, endsByExcess, putDown, reachInData, takeUpData } from "./message";

const scan = new DataScan();

/** Reads message data in [at, to) up to its end; returns where it stopped. */
export function readData(s: Session, at: usize, to: usize): usize {
  const rewritten = rewrittenEvents(s);
  const counts = takeUpData(s);
  let from = at;
  // Where the octets are counted up to, and where something can be too much.
  let counted = at;
  let stop = counts ? at : to;
  scan.state = dataStateOf(s);
  scan.dots = 0;
  s.moved = true;
  if (s.heldCr && load<u8>(at) == 0x0a) passHeldCr(s);
  while (at < to) {
    if (counts && at == stop) stop = reachInData(scan.state, counted, to);
    const event = scan.run(at, stop);
    at = scan.at;
    let isTooMuch: bool = false;
    if (counts && at == stop && event != DataEvent.end) {
      isTooMuch = advanceInData(scan, counted, at);
      counted = at;
    }
    if (event == DataEvent.none && !isTooMuch) continue;
    if (event == DataEvent.end) {
      clientEdits.pass(from, at - from);
      endMessage(s);
      return at;
    }
    // What the event is about: the last byte read, or a CR that came with an earlier chunk.
    const held = s.heldCr && (event & DataEvent.cr) != 0;
    const found = held ? at : max(from, at - 1);
    clientEdits.pass(from, found - from);
    // What comes after the octet that ended the session is nobody's.
    if (enforceOnClient(s, judgeData(s, event, found))) return at;
    if (isTooMuch && endsByExcess(s, found)) return at;
    if ((event & DataEvent.smuggled) != 0 && (event & rewritten) == 0) s.facts |= Fact.candidate_end;
    from = rewrite(s, event, event & rewritten, found, at) ? at : found;
    if (held) passHeldCr(s);
  }
  s.data = <u8>scan.state;
  if (counts) putDown(s);
  keepUndecided(s, from, at);
  return at;
}

/** The end of data: what follows are commands, and the message has a reply of its own. */
function endMessage(s: Session): void {
  s.data = <u8>scan.state;
  s.mode = <u8>SessionMode.command;
  s.facts &= ~TRANSACTION_FACTS;
  pushEntry(s, Outstanding.forwarded, <u8>Verb.end_of_data);
}

/**
 * Puts in the place of [found, at) what normalizing makes of it; false where it stays. A dot that begins its line only
 * by that would end the data, so it is stuffed (RFC 5321 4.5.2).
 */
function rewrite(s: Session, event: DataEvent, rewritten: u32, found: usize, at: usize): bool {
  const madeLine = (s.facts & Fact.made_line) != 0;
  if ((rewritten & DataEvent.lf) != 0) s.facts |= Fact.made_line;
  else s.facts &= ~(Fact.made_line as u32);
  if (event == DataEvent.dot) {
    clientEdits.pass(found, at - found);
    if (madeLine) clientEdits.write(DOT, 1);
    return true;
  }
  if (rewritten == 0) return false;
  clientEdits.drop();
  if ((event & DataEvent.lf) != 0) {
    if (scan.before == DataState.dot_crlf) clientEdits.write(DOT, 1);
    clientEdits.write(CRLF, 2);
  } else clientEdits.write(SPACE, 1);
  s.heldCr = false;
  return true;
}

/** At the end of a chunk: what is read passes, but a CR whose meaning the next byte decides stays back. */
function keepUndecided(s: Session, from: usize, at: usize): void {
  const newlines = isOn(preventedIn(s), Protection.bare_newline_in_data);
  const undecided =
    dataStateOf(s) == DataState.dot_crlf_cr
      ? newlines || isOn(preventedIn(s), Protection.smuggled_end_of_data)
      : newlines && dataStateOf(s) == DataState.cr;
  if (!undecided || from == at) {
    clientEdits.pass(from, at - from);
    return;
  }
  clientEdits.pass(from, at - 1 - from);
  clientEdits.drop();
  s.heldCr = true;
}

/** The events whose byte gives way to another: of protections that normalize, as far as their reasons prevent. */
function rewrittenEvents(s: Session): u32 {
  let events: u32 = DataEvent.none;
  const modes = changetype<Policy>(s.policy).reasonModes;
  if (preventsBy(s, Protection.bare_newline_in_data, Action.normalize)) {
    if (modes[Reason.bare_newline_in_data_lf] == <u8>Mode.prevent) events |= DataEvent.lf;
    if (modes[Reason.bare_newline_in_data_cr] == <u8>Mode.prevent) events |= DataEvent.cr;
  }
  if (preventsBy(s, Protection.nul_in_data, Action.normalize)) events |= DataEvent.nul;
  return events;
}

/** The client's stream ends: a CR that nothing follows is a lone one. */
export function endData(s: Session): void {
  const state = dataStateOf(s);
  if (s.mode != SessionMode.data || (state != DataState.cr && state != DataState.dot_crlf_cr)) return;
  const smuggled = state == DataState.dot_crlf_cr ? DataEvent.smuggled : DataEvent.none;
  if (enforceOnClient(s, judgeData(s, DataEvent.cr | smuggled, CRLF))) return;
  if (s.heldCr && (rewrittenEvents(s) & DataEvent.cr) != 0) {
    clientEdits.write(SPACE, 1);
    s.heldCr = false;
  } else passHeldCr(s);
}

/** Lets a CR that was held back pass after all. */
function passHeldCr(s: Session): void {
  if (!s.heldCr) return;
  clientEdits.write(CRLF, 1);
  s.heldCr = false;
}

const CRLF: usize = memory.data<u8>([0x0d, 0x0a]);
const DOT: usize = memory.data<u8>([0x2e]);
const SPACE: usize = memory.data<u8>([0x20]);
