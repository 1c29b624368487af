/**
 * A strict pull reader of JSON (RFC 8259): `next` gives one token and keeps no tree. Duplicate keys are the caller's
 * to find, since only the caller keeps keys.
 */
import { JsonScanner } from "./json";

/** What `JsonReader.next` found. */
export const enum Token {
  /** Not JSON: `message` says why, `offset` where; every later call says the same. */
  failed,
  /** The value is complete and nothing but white space follows it. */
  end,
  objectStart,
  objectEnd,
  arrayStart,
  arrayEnd,
  /** A key, its colon already read; `text` holds it. */
  key,
  /** A string; `text` holds it. */
  string,
  /** A number; `integral` and `integer` hold it. */
  number,
  /** `true` or `false`; `flag` holds it. */
  boolean,
  nothing,
}

/** What may stand at the reading position. */
const enum Expect {
  value,
  firstItem,
  firstKey,
  separator,
  end,
}

/** Containers open at once, a bit each in `kinds`; a policy needs four. */
const MAX_DEPTH: i32 = 32;

@final
export class JsonReader extends JsonScanner {
  /** The boolean read last. */
  flag: bool = false;
  private expect: Expect = Expect.value;
  private depth: i32 = 0;
  private kinds: u32 = 0;

  /** Reads one token. */
  next(): Token {
    if (this.message.length > 0) return Token.failed;
    let c = this.peek();
    if (this.expect == Expect.end) return c < 0 ? Token.end : this.fail("bytes after the end of the policy");
    if (c < 0) return this.fail("the policy ends too early");
    if (this.expect == Expect.value) return this.value(c);
    const inObject = (this.kinds & 1) == 1;
    if (c == (inObject ? 0x7d : 0x5d)) return this.leave(inObject);
    if (this.expect == Expect.separator) {
      if (c != 0x2c) return this.fail(inObject ? 'expected "," or "}"' : 'expected "," or "]"');
      this.at++;
      c = this.peek();
    }
    return inObject ? this.key(c) : this.value(c);
  }

  private key(c: i32): Token {
    if (c != 0x22) return this.fail("expected a key in double quotes");
    const start = this.offset;
    if (!this.readString()) return Token.failed;
    if (this.peek() != 0x3a) return this.fail('expected ":"');
    this.at++;
    this.offset = start;
    this.expect = Expect.value;
    return Token.key;
  }

  private value(c: i32): Token {
    if (c == 0x7b) return this.enter(true);
    if (c == 0x5b) return this.enter(false);
    if (c == 0x22) return this.readString() ? this.done(Token.string) : Token.failed;
    if (c == 0x2d || (c >= 0x30 && c <= 0x39))
      return this.readNumber() ? this.done(Token.number) : Token.failed;
    if (this.readLiteral("true") || this.readLiteral("false")) {
      this.flag = c == 0x74;
      return this.done(Token.boolean);
    }
    if (this.readLiteral("null")) return this.done(Token.nothing);
    return this.fail(
      c == 0xef && this.at == 0 ? "a byte order mark, which is not allowed in JSON" : "expected a value",
    );
  }

  private enter(isObject: bool): Token {
    if (this.depth == MAX_DEPTH) return this.fail("nested too deeply");
    this.at++;
    this.depth++;
    this.kinds = (this.kinds << 1) | (isObject ? 1 : 0);
    this.expect = isObject ? Expect.firstKey : Expect.firstItem;
    return isObject ? Token.objectStart : Token.arrayStart;
  }

  private leave(isObject: bool): Token {
    this.at++;
    this.depth--;
    this.kinds >>= 1;
    return this.done(isObject ? Token.objectEnd : Token.arrayEnd);
  }

  private done(token: Token): Token {
    this.expect = this.depth == 0 ? Expect.end : Expect.separator;
    return token;
  }

  private fail(message: string): Token {
    this.fault(this.offset, message);
    return Token.failed;
  }
}
