import { isAtext, isControl, isPlain, isWord, wideSeparator } from "./address-bytes";
import { isBlank } from "./scan";

/** What a path has beyond RFC 5321 4.1.2. Those of more consequence are the greater ones. */
export const enum PathShape {
  regular,
  /** Servers take it for different mailboxes, or some refuse it; all that take it find a domain. */
  loose,
  /** One server may find a mailbox with a domain in it, another one a mailbox without. */
  ambiguous,
}

/** The pieces that paths are made of. Each is read as if all servers read it; what they do not agree on is false. */
export class PathScanner {
  protected at: usize = 0;
  protected end: usize = 0;
  protected shape: PathShape = PathShape.regular;
  protected isBracketed: bool = false;
  /** A ":" stands anywhere: to OpenSMTPD the mailbox begins after the first one. */
  protected hasColon: bool = false;
  /**
   * The local part may begin with "@" once its quotes are gone: with a ":" after it, Postfix takes what is between for a
   * source route, quotes the rest anew and reads that again. `<"@(:):root("@x.org>` goes to a local user.
   */
  protected mayBeRoute: bool = false;
  /** A blank stands in quotes. */
  protected hasQuotedBlank: bool = false;

  /**
   * A quoted string. OpenSMTPD knows none: a ">" ends the path for it. It takes no mailbox that holds a quote, but where
   * the first ":" is in the same string, its mailbox begins after that. Python reads an encoded word (RFC 2047) in a
   * string, as it does before a local part, and quotes in that are no quotes.
   */
  protected readQuoted(): bool {
    if (isWord(load<u8>(this.at - 1))) this.loosen();
    const hadColon = this.hasColon;
    this.at++;
    const first = this.peek();
    if (first == 0x22 || first == 0x40 || first == 0x5c) this.mayBeRoute = true;
    while (this.at < this.end) {
      let byte = this.peek();
      this.at++;
      if (byte == 0x22) {
        if (isWord(this.peek())) this.loosen();
        return true;
      }
      if (byte == 0x3d && this.peek() == 0x3f) return false;
      if (byte == 0x5c) {
        byte = this.peek();
        this.at++;
        // Exim pairs quotes from the right: it takes what is after the blank for a parameter, and makes "=" of the blank.
        if (byte == 0x22 && this.hasQuotedBlank) this.loosen();
      }
      if (byte == 0x20) this.hasQuotedBlank = true;
      if (byte == 0x3a) this.hasColon = true;
      // RFC 5321 4.1.2 has no HT there, and Postfix makes SP of it.
      if (byte == 0x09) this.loosen();
      if (isControl(byte) || (byte == 0x3e && this.hasColon && !hadColon)) return false;
    }
    return false;
  }

  /** A comment of plain words. Where another one ends, and whether it hides a ">" or a quote, servers do not agree. */
  protected readComment(): bool {
    this.at++;
    while (this.at < this.end) {
      const byte = this.peek();
      this.at++;
      if (byte == 0x29) return true;
      // Without brackets a blank ends the path for Postfix, in a comment too.
      if (!isPlain(byte) && !(this.isBracketed && isBlank(byte))) return false;
    }
    return false;
  }

  /** `[…]` with what addresses are made of (RFC 5321 4.1.3). */
  protected readLiteral(): bool {
    this.at++;
    while (this.at < this.end) {
      const byte = this.peek();
      this.at++;
      if (byte == 0x5d) return true;
      if (byte == 0x3a) this.hasColon = true;
      else if (!isPlain(byte)) return false;
      else if (byte >= 0x80) this.loosen();
    }
    return false;
  }

  /**
   * Goes over atoms and dots. Of those beyond ASCII, blanks are left out by Python, and dots are "." to smtp-server and a
   * letter to the others. False where a word begins as an encoded word does: Python reads on to the end of that, over an
   * "@" and a ">" too.
   */
  protected skipAtoms(): bool {
    let isStart = true;
    while (this.at < this.end) {
      const byte = this.peek();
      if (!isAtext(byte)) break;
      if (byte >= 0x80 && wideSeparator(this.at, this.end) != 0) this.loosen();
      this.at++;
      if (isStart && byte == 0x3d && this.peek() == 0x3f) return false;
      isStart = byte == 0x2e;
    }
    return true;
  }

  /** The byte that is next; 0, which nothing takes, at the end. */
  protected peek(): u32 {
    return this.at < this.end ? load<u8>(this.at) : 0;
  }

  protected loosen(): void {
    this.shape = max(this.shape, PathShape.loose);
  }
}
