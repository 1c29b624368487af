import { bareNewlineInData } from "../protections/bare_newline_in_data";
import { nulInData } from "../protections/nul_in_data";
import { smuggledEndOfData } from "../protections/smuggled_end_of_data";
import { Session } from "../session/session";
import { DataEvent } from "../smtp/data";
import { Verb } from "../smtp/verb";
import { Evidence } from "./evidence";
import { find } from "./judge";
import { NOTHING, Outcome, stronger } from "./outcome";

const evidence = new Evidence();

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
