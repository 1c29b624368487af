/** The rules of the operator's own: keys "commands" and "ehlo_keywords". */
import { REPLY_LENGTH, VERB_LENGTH, VERBS_MOST } from "./fields";
import { PolicyReader } from "./read";
import { Policy } from "./settings";
import { Ruling, WordRule } from "./word-rule";

/** Key "commands": the verbs that a client may or may not use, and what it is answered. */
export function readCommands(reader: PolicyReader, policy: Policy): void {
  if (!reader.next() || !reader.openObject("an object")) return;
  while (true) {
    const key = reader.nextKey(COMMAND_KEYS, "key");
    if (key < 0) break;
    if (key == 2) readReply(reader, policy);
    else readWords(reader, policy.commands, key == 0 ? Ruling.allow : Ruling.deny, false);
  }
  refuseEmpty(reader, policy.commands);
}

/** Key "ehlo_keywords": the extensions that a client may or may not be offered and use. */
export function readKeywords(reader: PolicyReader, policy: Policy): void {
  if (!reader.next() || !reader.openObject("an object")) return;
  while (true) {
    const key = reader.nextKey(KEYWORD_KEYS, "key");
    if (key < 0) break;
    readWords(reader, policy.ehloKeywords, key == 0 ? Ruling.allow : Ruling.deny, true);
  }
  refuseEmpty(reader, policy.ehloKeywords);
}

/** Real servers announce keywords with an underscore, such as X_PIPE_CONNECT; no verb has one. */
function readWords(reader: PolicyReader, rule: WordRule, ruling: Ruling, isKeyword: bool): void {
  if (rule.isSet) {
    reader.refuse('both "allow" and "deny"; keep one: "allow" forbids all but its own, "deny" only its own');
    return;
  }
  rule.ruling = ruling;
  const expected = isKeyword ? KEYWORD : VERB;
  if (!reader.openArray(isKeyword ? "an array of keywords" : "an array of verbs")) return;
  for (let i = 0; reader.nextItem(i, VERBS_MOST, expected); i++) {
    if (!rule.words.add(reader.text, VERB_LENGTH, isKeyword)) {
      reader.mismatch(expected);
      return;
    }
    if (!isKeyword && ruling == Ruling.deny && rule.words.hasName("QUIT")) {
      reader.refuse(
        "QUIT cannot be denied; leave it out: a client could not end its session (RFC 5321 4.1.1.10)",
      );
      return;
    }
  }
}

function refuseEmpty(reader: PolicyReader, rule: WordRule): void {
  if (!rule.isSet)
    reader.refuse(
      'neither "allow" nor "deny"; write one: "allow" forbids all but its own, "deny" only its own',
    );
}

function readReply(reader: PolicyReader, policy: Policy): void {
  if (!reader.next()) return;
  if (!reader.isString) {
    reader.mismatch('a reply line such as "550 5.7.1 Not here"');
    return;
  }
  const text = reader.text;
  const fault = replyFault(text);
  if (fault.length > 0) {
    reader.refuse(fault);
    return;
  }
  policy.commandsReply = String.UTF8.encode(text + "\r\n");
  policy.commandsReplyCodes = text.substring(0, enhancedEnd(text));
}

/** What is wrong with a reply line (RFC 5321 4.2, RFC 2034 4), "" for nothing. */
function replyFault(text: string): string {
  if (text.length > REPLY_LENGTH) return "the reply is longer than a reply line may be; write " + MOST_TEXT;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x20 || c > 0x7e)
      return "the reply has more than one line of printable ASCII; write " + MOST_TEXT;
  }
  const first = text.charCodeAt(0);
  const isRefusal = first == 0x34 || first == 0x35;
  const second = text.charCodeAt(1);
  if (!isRefusal || second < 0x30 || second > 0x35 || !isDigit(text, 2) || text.charCodeAt(3) != 0x20)
    return "the reply does not begin with a code that refuses; write 4 or 5, then 0 to 5, then a digit, and a space (RFC 5321 4.2)";
  if (text.startsWith("421"))
    return 'the reply says that the connection closes, but it does not; write another code, or "action": "terminate" for forbidden_command';
  if (text.charCodeAt(4) != first || enhancedEnd(text) == 0)
    return `the reply has no enhanced code; write one that begins with ${text.charAt(0)} after the code, such as ${text.charAt(0)}.7.1 (RFC 2034 4)`;
  const at = enhancedEnd(text) + 1;
  if (at >= text.length || text.charCodeAt(at) == 0x20)
    return "the reply has no text after its codes; write one after the enhanced code and one space";
  return "";
}

/** Where the enhanced code at offset 4 ends (RFC 3463 2: a digit, and two numbers of up to three digits); 0 for none. */
function enhancedEnd(text: string): i32 {
  if (!isDigit(text, 4)) return 0;
  const detail = numberEnd(text, 5);
  const end = detail == 0 ? 0 : numberEnd(text, detail);
  return end == text.length || text.charCodeAt(end) == 0x20 ? end : 0;
}

/** After the dot at `from` and the one to three digits that follow it; 0 where they do not. */
function numberEnd(text: string, from: i32): i32 {
  if (text.charCodeAt(from) != 0x2e) return 0;
  let at = from + 1;
  while (at < from + 4 && isDigit(text, at)) at++;
  return at == from + 1 ? 0 : at;
}

function isDigit(text: string, at: i32): bool {
  const c = text.charCodeAt(at);
  return c >= 0x30 && c <= 0x39;
}

const COMMAND_KEYS: string[] = ["allow", "deny", "reply"];
const KEYWORD_KEYS: string[] = ["allow", "deny"];
const VERB: string = `a verb of 1 to ${VERB_LENGTH.toString()} letters, digits and "-"`;
const KEYWORD: string = `a keyword of 1 to ${VERB_LENGTH.toString()} letters, digits, "-" and "_"`;
const MOST_TEXT: string = `one line of at most ${REPLY_LENGTH.toString()} printable ASCII characters (RFC 5321 4.2, 4.5.3.1.5)`;
