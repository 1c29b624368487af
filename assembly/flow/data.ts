import { clientEdits } from "../envoy/edits";
import { Policy } from "../policy/policy";
import { Action, Mode, Protection } from "../protections/catalogue";
import { Reason } from "../protections/reason";
import { Entry, pushEntry } from "../session/queue";
import { Fact, Session, SessionMode, TRANSACTION_FACTS } from "../session/session";
import { DataEvent, DataScan, DataState } from "../smtp/data";
import { Verb } from "../smtp/verb";
import { judgeEvent } from "../verdict/data";
import { terminate } from "../verdict/enforce";
import { isOn, judgement, preventsBy } from "../verdict/judge";

const scan = new DataScan();

/** Reads message data in [at, to) up to its end; returns where it stopped. */
export function readData(s: Session, at: usize, to: usize): usize {
  const rewritten = rewrittenEvents(s);
  let from = at;
  scan.state = s.data;
  if (s.heldCr && load<u8>(at) == 0x0a) writeHeldCr(s);
  while (at < to) {
    const event = scan.run(at, to);
    at = scan.at;
    if (event == DataEvent.none) break;
    if (event == DataEvent.end) {
      s.data = scan.state;
      clientEdits.keep(from, at - from);
      s.mode = SessionMode.command;
      s.facts &= ~TRANSACTION_FACTS;
      pushEntry(s, Entry.forwarded, <u8>Verb.end_of_data);
      return at;
    }
    // The byte that hit: the last one read, or a CR that came with an earlier chunk.
    const held = s.heldCr && (event & DataEvent.cr) != 0;
    const hitAt = held ? at : max(from, at - 1);
    judgeEvent(s, event, hitAt);
    if (judgement.isTerminate) {
      clientEdits.keep(from, hitAt - from);
      terminate(s, judgement.protection);
      return to;
    }
    if (event == DataEvent.dot) {
      clientEdits.keep(from, at - from);
      if ((s.facts & Fact.made_line) != 0) clientEdits.write(DOT, 1);
      from = at;
    } else if ((event & rewritten) != 0) {
      clientEdits.keep(from, hitAt - from);
      clientEdits.drop();
      // A dot that began its line would now end the data: it is stuffed (RFC 5321 4.5.2).
      if ((event & DataEvent.lf) != 0) {
        if (scan.before == DataState.dot_crlf) clientEdits.write(DOT, 1);
        clientEdits.write(CRLF, 2);
      } else clientEdits.write(SPACE, 1);
      s.heldCr = false;
      from = at;
    } else if (held) writeHeldCr(s);
    if ((event & rewritten & DataEvent.lf) != 0) s.facts |= Fact.made_line;
    else s.facts &= ~Fact.made_line;
  }
  s.data = scan.state;
  keepUndecided(s, from, at);
  return at;
}

/** At the end of a chunk: what is read passes, but a CR whose meaning the next byte decides stays back. */
function keepUndecided(s: Session, from: usize, at: usize): void {
  const newlines = isOn(s.prevent, Protection.bare_newline_in_data);
  const undecided =
    s.data == DataState.dot_crlf_cr
      ? newlines || isOn(s.prevent, Protection.smuggled_end_of_data)
      : newlines && s.data == DataState.cr;
  if (!undecided || from == at) {
    clientEdits.keep(from, at - from);
    return;
  }
  clientEdits.keep(from, at - 1 - from);
  clientEdits.drop();
  s.heldCr = true;
}

/** The events whose byte gives way to another: of protections that normalize, as far as their reasons prevent. */
function rewrittenEvents(s: Session): u32 {
  let events: u32 = DataEvent.none;
  const modes = changetype<Policy>(s.policy).reasonModes;
  if (preventsBy(s, Protection.bare_newline_in_data, Action.normalize)) {
    if (modes[Reason.data_lf] == <u8>Mode.prevent) events |= DataEvent.lf;
    if (modes[Reason.data_cr] == <u8>Mode.prevent) events |= DataEvent.cr;
  }
  if (preventsBy(s, Protection.nul_in_data, Action.normalize)) events |= DataEvent.nul;
  return events;
}

/** The client's stream ends: a CR that nothing follows is a lone one. */
export function endData(s: Session): void {
  if (s.mode != SessionMode.data || (s.data != DataState.cr && s.data != DataState.dot_crlf_cr)) return;
  const smuggled = s.data == DataState.dot_crlf_cr ? DataEvent.smuggled : DataEvent.none;
  judgeEvent(s, DataEvent.cr | smuggled, CRLF);
  if (judgement.isTerminate) terminate(s, judgement.protection);
  else if (s.heldCr && (rewrittenEvents(s) & DataEvent.cr) != 0) {
    clientEdits.write(SPACE, 1);
    s.heldCr = false;
  } else writeHeldCr(s);
}

/** Lets a CR that was held back pass after all. */
function writeHeldCr(s: Session): void {
  if (!s.heldCr) return;
  clientEdits.write(CRLF, 1);
  s.heldCr = false;
}

const CRLF: usize = memory.data<u8>([0x0d, 0x0a]);
const DOT: usize = memory.data<u8>([0x2e]);
const SPACE: usize = memory.data<u8>([0x20]);
