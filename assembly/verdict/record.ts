import { log, LogLevel, now, propertyStart, readProperty, setProperty } from "../envoy/host";
import { Policy, Sessions } from "../policy/policy";
import { Action, actionName, CATALOGUE, reasonName } from "../protections/catalogue";
import { Reason, REASONS } from "../protections/generated-reasons";
import { Session } from "../session/session";
import { endOf } from "../session/tally";
import { Verdict } from "../session/verdict";
import { Shadow } from "../session/shadow-record";
import { line, writeHead } from "./line-head";
import { endEvent, takeRecord } from "./report";
import { writeSessionNames } from "./shown";

/**
 * Writes the record of a session that is over. It is left where the access log reads it, filter state `wasm.smtp_inspector`,
 * and written to the log where the policy says so.
 */
export function record(s: Session): void {
  const end = now();
  writeHead(s, startOf(end), SMTP);
  writeSessionNames(line, s);
  line.bytes(unchecked(OUTCOMES[endOf(s)]));
  line.bytes(unchecked(VERDICTS[s.verdict]));
  line.number(s.findings);
  writeFound(s.found);
  writeCount(COMMANDS, s.commands);
  writeCount(MESSAGES, s.messages);
  writeCount(MESSAGES_REFUSED, s.messagesRefused);
  writeCount(RECIPIENTS_ACCEPTED, s.recipientsAccepted);
  writeCount(RECIPIENTS_REFUSED, s.recipientsRefused);
  writeCount(DATA_OCTETS, s.dataOctets);
  writeCount(DURATION, <u32>max(<i32>(<u32>(end / 1_000_000) - s.since), 0));
  if (s.shadow != 0) writeShadow(changetype<Shadow>(s.shadow));
  const open = line.size;
  line.byte(0x7d);
  setProperty(STATE, line.start, line.size);
  if (!isLogged(s) || !takeRecord(s, end)) return;
  line.cut(open);
  endEvent(s);
  log(LogLevel.info, line.start, line.size);
}

/** Appends the member that begins with `member`. */
function writeCount(member: ArrayBuffer, count: u32): void {
  line.bytes(member);
  line.number(count);
}

function isLogged(s: Session): bool {
  const sessions = changetype<Policy>(s.policy).sessions;
  if (sessions != Sessions.findings) return sessions == Sessions.all;
  return s.findings > 0 || (s.shadow != 0 && changetype<Shadow>(s.shadow).findings > 0);
}

/** When the connection began, nanoseconds since 1970: `%START_TIME%` of the access log. */
function startOf(end: u64): u64 {
  return readProperty(START) == 8 ? load<u64>(propertyStart()) : end;
}

/** The protections of a set, as an array of their ids. */
function writeFound(set: u64): void {
  if (set == 0) {
    line.bytes(NO_PROTECTIONS);
    return;
  }
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
  // Nearly always.
  if (shadow.verdict == <u8>Verdict.clean) {
    line.bytes(CLEAN_SHADOW);
    return;
  }
  line.bytes(SHADOW);
  line.bytes(unchecked(VERDICTS_IN_SHADOW[shadow.verdict]));
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

/** In the order of `Verdict`. */
const WORDS: string[] = ["clean", "detected", "prevented", "terminated"];
const VERDICTS: StaticArray<ArrayBuffer> = around(',"verdict":"', WORDS, '","findings":');
const VERDICTS_IN_SHADOW: StaticArray<ArrayBuffer> = around('"verdict":"', WORDS, '","findings":');
/** In the order of `SessionEnd`. */
const ENDS: string[] = ["client_closed", "server_closed", "quit", "terminated", "timed_out", "over_memory"];
const OUTCOMES: StaticArray<ArrayBuffer> = around(',"outcome":"', ENDS, '"');

function around(before: string, words: string[], after: string): StaticArray<ArrayBuffer> {
  const texts = new StaticArray<ArrayBuffer>(words.length);
  for (let i = 0; i < words.length; i++) texts[i] = String.UTF8.encode(before + words[i] + after);
  return texts;
}

const START: ArrayBuffer = String.UTF8.encode("request\0time");
const STATE: ArrayBuffer = String.UTF8.encode("smtp_inspector");
const SMTP: ArrayBuffer = String.UTF8.encode(',"event_type":"smtp"');
const NO_PROTECTIONS: ArrayBuffer = String.UTF8.encode(',"protections":[]');
const COMMANDS: ArrayBuffer = String.UTF8.encode(',"commands":');
const MESSAGES: ArrayBuffer = String.UTF8.encode(',"messages":');
const MESSAGES_REFUSED: ArrayBuffer = String.UTF8.encode(',"messages_refused":');
const RECIPIENTS_ACCEPTED: ArrayBuffer = String.UTF8.encode(',"recipients_accepted":');
const RECIPIENTS_REFUSED: ArrayBuffer = String.UTF8.encode(',"recipients_refused":');
const DATA_OCTETS: ArrayBuffer = String.UTF8.encode(',"data_octets":');
const DURATION: ArrayBuffer = String.UTF8.encode(',"duration_ms":');
const SHADOW: ArrayBuffer = String.UTF8.encode(',"shadow":{');
const CLEAN_SHADOW: ArrayBuffer = String.UTF8.encode(
  ',"shadow":{"verdict":"clean","findings":0,"protections":[]}',
);
