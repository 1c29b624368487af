import { setProperty } from "../envoy/host";
import { Action, actionName, CATALOGUE, reasonName } from "../protections/catalogue";
import { Reason, REASONS } from "../protections/generated-reasons";
import { Session, SessionMode } from "../session/session";
import { Verdict } from "../session/verdict";
import { Shadow } from "../session/shadow-record";
import { isInsideTls, line, writeTls } from "./event";

/** Leaves the summary of the session where the access log reads it: filter state `wasm.smtp_inspector`. */
export function summarize(s: Session): void {
  line.clear();
  line.byte(0x7b);
  line.word("verdict", VERDICTS[s.verdict]);
  line.key("findings");
  line.number(s.findings);
  writeFound(s.found);
  line.key("commands");
  line.number(s.commands);
  line.key("messages");
  line.number(s.messages);
  line.key("tls");
  line.ascii(s.mode == SessionMode.tls || isInsideTls(s) ? "true" : "false");
  writeTls(s);
  if (s.shadow != 0) writeShadow(changetype<Shadow>(s.shadow));
  line.byte(0x7d);
  setProperty(SUMMARY, line.start, line.size);
}

/** The protections of a set, as an array of their ids. */
function writeFound(set: u64): void {
  line.key("protections");
  line.byte(0x5b);
  let first = true;
  for (let left = set; left != 0; left &= left - 1) {
    const id = <i32>ctz(left);
    line.ascii(first ? '"' : ',"');
    line.ascii(CATALOGUE[id].id);
    line.byte(0x22);
    first = false;
  }
  line.byte(0x5d);
}

/** What the shadow would have made of the session, and the finding by which the two would have parted. */
function writeShadow(shadow: Shadow): void {
  // Nearly always, and then at the price of one.
  if (shadow.verdict == <u8>Verdict.clean) {
    line.ascii(CLEAN_SHADOW);
    return;
  }
  line.key("shadow");
  line.byte(0x7b);
  line.word("verdict", VERDICTS[shadow.verdict]);
  line.key("findings");
  line.number(shadow.findings);
  writeFound(shadow.found);
  if (shadow.firstReason != <u8>Reason.none) {
    line.key("first_prevented");
    line.byte(0x7b);
    line.word("protection", CATALOGUE[REASONS[shadow.firstReason].protection].id);
    line.word("reason", reasonName(<Reason>shadow.firstReason));
    line.word("action", actionName(<Action>shadow.firstAction));
    line.byte(0x7d);
  }
  line.byte(0x7d);
}

const SUMMARY: ArrayBuffer = String.UTF8.encode("smtp_inspector");
const CLEAN_SHADOW: string = ',"shadow":{"verdict":"clean","findings":0,"protections":[]}';
const VERDICTS: string[] = ["clean", "detected", "prevented", "terminated"];
