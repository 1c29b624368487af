import { bareNewlineInData } from "../protections/bare_newline_in_data";
import { nulInData } from "../protections/nul_in_data";
import { smuggledEndOfData } from "../protections/smuggled_end_of_data";
import { Fact, Session } from "../session/session";
import { DataEvent } from "../smtp/data";
import { Verb } from "../smtp/verb";
import { evidence } from "./evidence";
import { hit, judgement } from "./judge";

/** Tells each kind of fault once a message. */
export function judgeEvent(s: Session, event: DataEvent, at: usize): void {
  judgement.clear();
  if (event == DataEvent.dot) return;
  evidence.bytes(at, 1, Verb.none);
  const facts = s.facts;
  hit(s, smuggledEndOfData(event, (facts & Fact.told_smuggled) != 0));
  hit(s, bareNewlineInData(event, (facts & Fact.told_data_lf) != 0, (facts & Fact.told_data_cr) != 0));
  hit(s, nulInData(event, (facts & Fact.told_data_nul) != 0));
  if ((event & DataEvent.smuggled) != 0) s.facts |= Fact.told_smuggled;
  if ((event & DataEvent.lf) != 0) s.facts |= Fact.told_data_lf;
  if ((event & DataEvent.cr) != 0) s.facts |= Fact.told_data_cr;
  if ((event & DataEvent.nul) != 0) s.facts |= Fact.told_data_nul;
}
