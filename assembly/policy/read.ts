/**
 * Typed reading of a policy: what is expected is asked for, and anything else is refused with its path, its offset
 * and the nearest known word. Knows the forms of values, not what they mean.
 */
import { IntegerField } from "./fields";
import { JsonReader, Token } from "./json-reader";
import { nearest } from "./suggest";

/** Why a policy is refused. */
@final
export class PolicyError {
  constructor(
    public readonly message: string,
    /** Where in the policy, as JSONPath (RFC 9535) writes it: `$.protections.private_command.allow[2]`. */
    public readonly path: string,
    /** Bytes from the start of the text. */
    public readonly offset: i32,
  ) {}

  /** One line for an operator; text of the policy is in it only JSON-escaped and cut. */
  toString(): string {
    return `policy refused at ${this.path} (offset ${this.offset.toString()}): ${this.message}`;
  }
}

/** One pass over one policy. The first fault stays in `error`; after it every method gives its neutral value. */
@final
export class PolicyReader {
  error: PolicyError | null = null;
  private readonly json: JsonReader;
  /** The token read last. */
  private token: Token = Token.nothing;
  /** Names of the open containers' current members, as they stand in a path. */
  private readonly path: string[] = [];
  /** For each open object, the keys seen: bits of their index among the allowed. */
  private readonly seen: u64[] = [];

  /** The bytes must stay where they are while the reader is in use. */
  constructor(ptr: usize, len: i32) {
    this.json = new JsonReader(ptr, len);
  }

  /** Refuses the policy at the current token. */
  refuse(message: string): void {
    if (this.error === null)
      this.error = new PolicyError(message, "$" + this.path.join(""), this.json.offset);
  }

  /** Reads the next token; false if there is none because of a fault. */
  next(): bool {
    if (this.error !== null) return false;
    this.token = this.json.next();
    if (this.token == Token.failed) this.refuse(this.json.message);
    return this.error === null;
  }

  /** The next value is a string, with its text in `text`; the caller checks what it means. */
  get isString(): bool {
    return this.token == Token.string;
  }

  /** The string read last. */
  get text(): string {
    return this.json.text;
  }

  /** Opens the object whose start was read last. */
  openObject(expected: string): bool {
    if (this.token != Token.objectStart) return this.mismatch(expected);
    this.path.push("");
    this.seen.push(0);
    return true;
  }

  /** Reads the next key of the open object: its index in `allowed` (at most 64 words), -1 at the end or on a fault. */
  nextKey(allowed: string[], kind: string): i32 {
    this.path.pop();
    if (!this.next()) return -1;
    if (this.token != Token.key) {
      this.seen.pop();
      return -1;
    }
    const key = this.json.text;
    this.path.push(pathStep(key));
    const index = allowed.indexOf(key);
    if (index < 0) {
      this.refuse(`unknown ${kind}${hint(key, allowed)}`);
      return -1;
    }
    const bit = (<u64>1) << (<u64>index);
    const top = this.seen.length - 1;
    if ((this.seen[top] & bit) != 0) {
      this.refuse("duplicate key");
      return -1;
    }
    this.seen[top] |= bit;
    return index;
  }

  /** Opens the array that must come next. */
  openArray(expected: string): bool {
    if (!this.next()) return false;
    if (this.token != Token.arrayStart) return this.mismatch(expected);
    this.path.push("[0]");
    return true;
  }

  /** Reads item `index` of the open array, a string, into `text`; false at the end or on a fault. */
  nextItem(index: i32, most: i32, expected: string): bool {
    this.path[this.path.length - 1] = `[${index.toString()}]`;
    if (!this.next()) return false;
    if (this.token == Token.arrayEnd) {
      this.path.pop();
      return false;
    }
    if (index == most) {
      this.refuse(`more than ${most.toString()} items`);
      return false;
    }
    return this.token == Token.string || this.mismatch(expected);
  }

  /** The value read last must be one of `words` whose bit is in `allowed`: its index, -1 on a fault. */
  word(words: string[], allowed: u64): i32 {
    const choices: string[] = [];
    for (let i = 0; i < words.length; i++) {
      if ((allowed & ((<u64>1) << (<u64>i))) != 0) choices.push(words[i]);
    }
    const index =
      this.token == Token.string && choices.includes(this.json.text) ? words.indexOf(this.json.text) : -1;
    if (index < 0) {
      const one = choices.length > 1 ? "one of " : "";
      this.mismatch(`${one}"${choices.join('", "')}"`, this.token == Token.string ? choices : null);
    }
    return index;
  }

  /** The next value must be an integer within the field's range; the default on a fault. */
  integer(field: IntegerField): i32 {
    if (!this.next()) return field.initial;
    const json = this.json;
    const fits = json.integer >= <i64>field.least && json.integer <= <i64>field.most;
    if (this.token == Token.number && json.integral && fits) return <i32>json.integer;
    this.mismatch(`an integer from ${field.least.toString()} to ${field.most.toString()}`);
    return field.initial;
  }

  /** The next value must be true or false; false on a fault. */
  flag(): bool {
    if (!this.next()) return false;
    if (this.token == Token.boolean) return this.json.flag;
    return this.mismatch("true or false");
  }

  /** Nothing may follow. */
  finish(): void {
    this.next();
  }

  /** Refuses the token read last, since it is not what is expected. Always false. */
  mismatch(expected: string, choices: string[] | null = null): bool {
    const suggestion = choices === null ? "" : hint(this.json.text, choices, false);
    this.refuse(`expected ${expected}, found ${this.found()}${suggestion}`);
    return false;
  }

  private found(): string {
    switch (this.token) {
      case Token.objectStart:
        return "an object";
      case Token.arrayStart:
        return "an array";
      case Token.string:
        return quote(this.json.text);
      case Token.number:
        return this.json.raw(SHOWN);
      case Token.boolean:
        return this.json.flag ? "true" : "false";
      default:
        return "null";
    }
  }
}

/** Most characters of a policy's own text in an error message: longer than any name that a policy knows. */
const SHOWN: i32 = 40;

/** What to write instead of `typed`: the nearest of `known`, else all of them if they are few. */
function hint(typed: string, known: string[], list: bool = true): string {
  const near = nearest(typed, known);
  if (near.length > 0) return `; did you mean "${near}"?`;
  if (!list) return "";
  return known.length <= 10
    ? `; allowed here: "${known.join('", "')}"`
    : "; see envoy/policy.schema.json for the allowed ones";
}

/** A member's step in a path: `.name`, or `["na me"]` where it is no plain name. */
function pathStep(key: string): string {
  let plain = key.length > 0 && key.length <= SHOWN;
  for (let i = 0; i < key.length; i++) {
    const c = key.charCodeAt(i);
    const letter = c | 0x20;
    plain = plain && ((letter >= 0x61 && letter <= 0x7a) || (c >= 0x30 && c <= 0x39) || c == 0x5f);
  }
  return plain ? "." + key : `[${quote(key)}]`;
}

/** `text` as a JSON string in printable ASCII, cut to `SHOWN` characters. */
function quote(text: string): string {
  let out = '"';
  for (let i = 0; i < min(text.length, SHOWN); i++) {
    const c = text.charCodeAt(i);
    if (c == 0x22 || c == 0x5c) out += "\\" + String.fromCharCode(c);
    else if (c >= 0x20 && c < 0x7f) out += String.fromCharCode(c);
    else out += "\\u" + c.toString(16).padStart(4, "0");
  }
  return out + (text.length > SHOWN ? '…"' : '"');
}
