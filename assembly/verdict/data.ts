import { bareNewlineInData } from "../protections/bare_newline_in_data";
import { dataLineTooLong } from "../protections/data_line_too_long";
import { headerTooLong } from "../protections/header_too_long";
import { messageTooLarge } from "../protections/message_too_large";
import { nulInData } from "../protections/nul_in_data";
import { smuggledEndOfData } from "../protections/smuggled_end_of_data";
import { Session } from "../session/session";
import { DataEvent } from "../smtp/data";
import { Verb } from "../smtp/verb";
import { Evidence } from "./evidence";
import { find } from "./judge";
import { NOTHING, Outcome, stronger } from "./outcome";
import { Side } from "./side";

const evidence = new Evidence();

/** Judges the octet at `at`, the first of those that are too many for each kind of `excess`, for `side`. */
export function judgeExcess(s: Session, excess: u32, at: usize, side: Side): Outcome {
  evidence.bytes(at, 1, Verb.none);
  let outcome = NOTHING;
  for (let set = excess; set != 0; set &= set - 1) {
    const kind: u32 = set & -set;
    outcome = stronger(outcome, find(s, evidence, dataLineTooLong(kind), side));
    outcome = stronger(outcome, find(s, evidence, headerTooLong(kind), side));
    outcome = stronger(outcome, find(s, evidence, messageTooLarge(kind), side));
  }
  return outcome;
}

/** Judges what was found in message data at `at`; each kind of fault is reported once a message. */
export function judgeData(s: Session, event: DataEvent, at: usize): Outcome {
  const fresh = event & ~(<u32>s.dataReported);
  if (event == DataEvent.dot || fresh == 0) return NOTHING;
  evidence.bytes(at, 1, Verb.none);
  let outcome = find(s, evidence, smuggledEndOfData(fresh));
  outcome = stronger(outcome, find(s, evidence, bareNewlineInData(fresh)));
  outcome = stronger(outcome, find(s, evidence, nulInData(fresh)));
  s.dataReported |= <u8>event;
  return outcome;
}
