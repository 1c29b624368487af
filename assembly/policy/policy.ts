/** The policy: JSON text becomes a `Policy`, or one line that says why not. */
import { ACTION_NAMES, CATALOGUE, MODE_NAMES } from "../protections/catalogue";
import { Reason, REASONS } from "../protections/generated-reasons";
import { PROFILES } from "../protections/generated-words";
import { readAddressKey } from "./address-key";
import {
  ADDRESSES,
  EVENTS_PER_SECOND,
  EXCERPTS,
  Limit,
  LIMITS,
  ORIGINATE_WORDS,
  POLICY_BYTES,
  REQUIRE_WORDS,
  SESSIONS,
  SHADOW_KEYS,
  STAT_PREFIX_LENGTH,
} from "./fields";
import { ownOptions, readOwnOption } from "./generated-options";
import { readNetworks } from "./lists";
import { readCommands, readKeywords } from "./own-rules";
import { PolicyError, PolicyReader } from "./read";
import { Awaited, Policy } from "./settings";
import { isBinaryStruct } from "./struct";

export { Address, CidrList } from "./cidr";
export { PolicyError } from "./read";
export { Addresses, Awaited, Excerpt, Originate, Policy, Profile, Require, Sessions } from "./settings";
export { VerbList } from "./verb-list";
export { WordRule } from "./word-rule";

let lastError: PolicyError | null = null;

/**
 * Reads the plugin configuration: a policy as JSON text; no bytes at all are the profile `recommended`.
 * Null if it is refused; `lastPolicyError` then says why.
 */
export function readPolicy(ptr: usize, len: i32): Policy | null {
  const policy = new Policy();
  const reader = new PolicyReader(ptr, len);
  lastError = null;
  if (len > POLICY_BYTES) {
    lastError = new PolicyError(`longer than ${POLICY_BYTES.toString()} bytes`, "$", POLICY_BYTES);
    return null;
  }
  if (len > 0) readRoot(reader, policy);
  lastError = reader.error;
  if (lastError !== null) {
    if (isBinaryStruct(ptr, len)) lastError = new PolicyError(STRUCT_MESSAGE, "$", 0);
    return null;
  }
  policy.settle();
  return policy;
}

/** Why `readPolicy` refused last, as one line; empty if it did not. */
export function lastPolicyError(): string {
  const error = lastError;
  return error === null ? "" : error.toString();
}

function readRoot(reader: PolicyReader, policy: Policy): void {
  if (!reader.next() || !reader.openObject("an object")) return;
  for (let key = reader.nextKey(ROOT_KEYS, "key"); key >= 0; key = reader.nextKey(ROOT_KEYS, "key")) {
    if (key < SHADOW_KEYS.length) readJudged(reader, policy, key, false);
    else if (key == SHADOW_KEYS.length) readStatPrefix(reader, policy);
    else if (key == SHADOW_KEYS.length + 1) readEvents(reader, policy);
    else if (key == SHADOW_KEYS.length + 2) readStarttls(reader, policy);
    else readShadow(reader, policy);
  }
  reader.finish();
}

/** Reads key `key` of `SHADOW_KEYS`, which say by what is judged. */
function readJudged(reader: PolicyReader, policy: Policy, key: i32, isShadow: bool): void {
  if (key == 0) {
    if (reader.next()) policy.profile = reader.word(PROFILES, ALL);
  } else if (key == 1) readProtections(reader, policy);
  else if (key == 2) readLimits(reader, policy, isShadow);
  else if (key == 3) policy.exemptAll = readNetworks(reader);
  else if (key == 4) policy.trusted = readNetworks(reader);
  else if (key == 5) readCommands(reader, policy);
  else readKeywords(reader, policy);
}

function readShadow(reader: PolicyReader, around: Policy): void {
  if (!reader.next() || !reader.openObject("an object")) return;
  const policy = new Policy();
  around.shadow = policy;
  while (true) {
    const key = reader.nextKey(SHADOW_KEYS, IN_SHADOW);
    if (key < 0) return;
    readJudged(reader, policy, key, true);
  }
}

function readStatPrefix(reader: PolicyReader, policy: Policy): void {
  if (!reader.next()) return;
  const text = reader.text;
  let good = reader.isString && text.length > 0 && text.length <= STAT_PREFIX_LENGTH;
  for (let i = 0; good && i < text.length; i++) {
    const c = text.charCodeAt(i);
    const letter = c | 0x20;
    good = (letter >= 0x61 && letter <= 0x7a) || (c >= 0x30 && c <= 0x39) || c == 0x5f;
  }
  if (good) policy.statPrefix = text;
  else reader.mismatch(`1 to ${STAT_PREFIX_LENGTH.toString()} of A-Z, a-z, 0-9 and "_"`);
}

function readProtections(reader: PolicyReader, policy: Policy): void {
  if (!reader.next() || !reader.openObject("an object of protections")) return;
  const ids = CATALOGUE.map<string>((entry) => entry.id);
  while (true) {
    const id = reader.nextKey(ids, "protection");
    if (id < 0 || !reader.next()) return;
    if (reader.isString) readMode(reader, policy, id);
    else if (reader.openObject(MODE_OR_OBJECT)) readProtection(reader, policy, id);
  }
}

function readMode(reader: PolicyReader, policy: Policy, id: i32): void {
  const mode = reader.word(MODE_NAMES, ALL);
  if (mode >= 0) policy.modes[id] = <u8>mode;
}

function readProtection(reader: PolicyReader, policy: Policy, id: i32): void {
  const entry = CATALOGUE[id];
  const keys = ["mode", "action", "exempt_sources", "reasons"].concat(ownOptions(id));
  while (true) {
    const key = reader.nextKey(keys, "key");
    if (key < 0) return;
    if (key == 0) {
      if (reader.next()) readMode(reader, policy, id);
    } else if (key == 1) {
      const action = reader.next() ? reader.word(ACTION_NAMES, <u64>entry.allowedActions) : -1;
      if (action >= 0) policy.actions[id] = <u8>action;
    } else if (key == 2) {
      policy.exempts[id] = readNetworks(reader);
    } else if (key == 3) readReasons(reader, policy, id);
    else {
      policy.hasOptions = true;
      readOwnOption(reader, policy, id, key - 4);
    }
  }
}

/** Key "reasons": the strongest mode for each reason of protection `id`. */
function readReasons(reader: PolicyReader, policy: Policy, id: i32): void {
  if (!reader.next() || !reader.openObject("an object of reasons")) return;
  const words: string[] = [];
  const reasons: i32[] = [];
  for (let reason = 1; reason < Reason.count; reason++) {
    if (REASONS[reason].protection != id) continue;
    words.push(REASONS[reason].id);
    reasons.push(reason);
  }
  while (true) {
    const key = reader.nextKey(words, "reason");
    if (key < 0 || !reader.next()) return;
    const mode = reader.word(MODE_NAMES, ALL);
    if (mode >= 0) policy.reasonModes[reasons[key]] = <u8>mode;
  }
}

function readLimits(reader: PolicyReader, policy: Policy, isShadow: bool): void {
  if (!reader.next() || !reader.openObject("an object of limits")) return;
  const fields = isShadow ? LIMITS.filter((field) => field.isShadows) : LIMITS;
  const keys = fields.map<string>((field) => field.key);
  while (true) {
    const index = reader.nextKey(keys, isShadow ? IN_SHADOW : "limit");
    if (index < 0) return;
    policy.hasOptions = true;
    const key = LIMITS.indexOf(fields[index]);
    const value = reader.integer(LIMITS[key]);
    if (key == Limit.command_line_bytes) policy.commandLineBytes = value;
    else if (key == Limit.reply_bytes) policy.replyBytes = value;
    else if (key == Limit.held_bytes) policy.heldBytes = value;
    else if (key == Limit.pending_commands) policy.pendingCommands = value;
    else if (key == Limit.close_deadline_ms) policy.closeDeadlineMs = value;
    else if (key == Limit.memory_bytes) policy.memoryBytes = value;
    else if (key == Limit.rejected_commands) policy.rejectedCommands = value;
    else policy.limitWait(<i32>Awaited.greeting + key - <i32>Limit.greeting_timeout_ms, value);
  }
}

function readEvents(reader: PolicyReader, policy: Policy): void {
  if (!reader.next() || !reader.openObject("an object")) return;
  while (true) {
    const key = reader.nextKey(EVENT_KEYS, "key");
    if (key < 0) return;
    if (key == 0) policy.eventsPerSecond = reader.integer(EVENTS_PER_SECOND);
    else if (key == 1) {
      const excerpt = reader.next() ? reader.word(EXCERPTS, ALL) : -1;
      if (excerpt >= 0) policy.excerpt = excerpt;
    } else if (key == 2) {
      const addresses = reader.next() ? reader.word(ADDRESSES, ALL) : -1;
      if (addresses >= 0) policy.addresses = addresses;
    } else if (key == 3) {
      const sessions = reader.next() ? reader.word(SESSIONS, ALL) : -1;
      if (sessions >= 0) policy.sessions = sessions;
    } else readAddressKey(reader, policy);
  }
}

function readStarttls(reader: PolicyReader, policy: Policy): void {
  if (!reader.next() || !reader.openObject("an object")) return;
  while (true) {
    const key = reader.nextKey(STARTTLS_KEYS, "key");
    if (key < 0) return;
    if (key == 0) policy.terminate = reader.flag();
    else if (reader.next()) {
      const word = reader.word(key == 1 ? ORIGINATE_WORDS : REQUIRE_WORDS, ALL);
      if (word < 0) return;
      if (key == 1) policy.originate = word;
      else policy.require = word;
    }
  }
}

/** What stands in a shadow too comes first. */
const ROOT_KEYS: string[] = SHADOW_KEYS.concat(["stat_prefix", "events", "starttls", "shadow"]);
const IN_SHADOW: string = "key in a shadow, which has all else from the policy around it";
const STARTTLS_KEYS: string[] = ["terminate", "originate", "require"];
const EVENT_KEYS: string[] = ["max_per_second", "excerpt", "addresses", "sessions", "address_key"];
const MODE_OR_OBJECT: string = 'one of "off", "detect", "prevent", or an object';

/** Every bit: all words are allowed. */
const ALL: u64 = u64.MAX_VALUE;

const STRUCT_MESSAGE: string =
  "the configuration is a binary google.protobuf.Struct; use a google.protobuf.StringValue with the policy as " +
  'JSON text ("@type": "type.googleapis.com/google.protobuf.StringValue")';
