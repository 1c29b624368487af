import { isAtext, isPlain } from "./address-bytes";
import { PathScanner, PathShape } from "./path-scanner";
import { isAlpha, isBlank, isDigit, skipBlanks } from "./scan";

/**
 * Reads how a path is written. Every server has a lexer of its own, so none is imitated: what is neither RFC 5321's
 * syntax nor one of the liberties that were found to be harmless at Postfix, Exim, OpenSMTPD, aiosmtpd and smtp-server is
 * ambiguous. Of RFC 5322, harmless are comments of plain words, blanks, and a phrase before a mailbox in brackets.
 */
@final
export class PathShapeReader extends PathScanner {
  /** A "<" stands inside the path. */
  private isNested: bool = false;
  /** A domain came, and was the last thing in the path. */
  private hasDomain: bool = false;

  /** Reads the path [from, end), without its brackets; the argument that it is in ends at `to`. */
  read(from: usize, end: usize, to: usize, bracketed: bool): PathShape {
    this.at = from;
    this.end = end;
    this.isBracketed = bracketed;
    this.shape = PathShape.regular;
    this.isNested = this.hasColon = this.mayBeRoute = this.hasQuotedBlank = this.hasDomain = false;
    const isRead =
      this.readRoute() && this.readMailbox() && (bracketed ? this.endsWell(to) : this.endsSoon(to));
    return isRead && !(this.mayBeRoute && this.hasColon) ? this.shape : PathShape.ambiguous;
  }

  /** Without brackets, `postmaster NOTIFY=NEVER` is one name to Python, and `postmaster @x.org` one mailbox to Exim. */
  private endsSoon(to: usize): bool {
    const start = skipBlanks(this.end, to);
    let at = start;
    while (at < to && (isAlpha(load<u8>(at)) || isDigit(load<u8>(at)) || load<u8>(at) == 0x2d)) at++;
    const isKeyword = at > start && (at == to || load<u8>(at) == 0x3d || isBlank(load<u8>(at)));
    if (start != to && !(isKeyword && this.hasDomain && load<u8>(this.end - 1) != 0x2e)) this.loosen();
    return true;
  }

  /** What is glued to the ">" is a group to Postfix: `<a@x.org>:root;` is delivered to root. */
  private endsWell(to: usize): bool {
    let at = this.end;
    if (at == to) this.loosen();
    else at++;
    const second = this.isNested ? skipBlanks(at, to) : at;
    if (second < to && load<u8>(second) == 0x3e) {
      if (!this.isNested) this.loosen();
      at = second + 1;
    }
    return at == to || isBlank(load<u8>(at));
  }

  /** `@a,@b:` without comments and quotes: Postfix and smtp-server cut at the first colon, be it in one or in a literal. */
  private readRoute(): bool {
    if (this.peek() != 0x40) return true;
    do {
      this.at++;
      const from = this.at;
      const isRead = this.peek() == 0x5b ? this.readLiteral() : this.skipAtoms();
      if (!isRead || this.at == from) return false;
      const byte = this.peek();
      this.at++;
      if (byte == 0x3a) {
        if (this.hasColon) this.loosen();
        this.hasColon = true;
        return true;
      }
      if (byte != 0x2c) return false;
    } while (this.peek() == 0x40);
    return false;
  }

  /** A local part and a domain, or a local part alone, up to the end. */
  private readMailbox(): bool {
    let hasAt = false;
    let hasWord = false;
    let mayBePhrase = true;
    while (this.at < this.end) {
      const byte = this.peek();
      if (byte == 0x40) {
        // A route, but not where all look for one.
        if (!hasWord) return false;
        this.hasDomain = this.readDomain();
        if (this.hasDomain) return true;
        // Of several, those who take them go by the last "@". One before a "<" is in a phrase.
        const next = this.peek();
        if (next != 0x40 && next != 0x3a && next != 0x2c && next != 0x3c) return false;
        if (next != 0x3c) this.loosen();
        hasAt = true;
      } else if (byte == 0x3c) {
        if (this.isNested || !mayBePhrase) return false;
        this.isNested = true;
        hasAt = hasWord = false;
        this.at++;
      } else {
        if (byte == 0x3a || byte == 0x2c || byte == 0x5c) mayBePhrase = false;
        if (isAtext(byte) || byte == 0x22 || byte == 0x5c) hasWord = true;
        if (!this.readLocal(byte)) return false;
      }
    }
    return !hasAt;
  }

  /** One piece of a local part, which begins with `byte`. */
  private readLocal(byte: u32): bool {
    if (isAtext(byte)) return this.skipAtoms();
    if (byte == 0x22) return this.readQuoted();
    this.loosen();
    if (byte == 0x28) return this.readComment();
    this.at++;
    if (byte == 0x3a) this.hasColon = true;
    // Python takes a backslash for itself; before a special, the others do not.
    if (byte == 0x5c) {
      const isHarmless = isPlain(this.peek());
      this.at++;
      return isHarmless;
    }
    return byte == 0x3a || byte == 0x2c || isBlank(byte);
  }

  /** Goes over "@" and a domain or an address literal that reach to the end; false leaves it where that stops. */
  private readDomain(): bool {
    this.at++;
    let isEmpty = true;
    let hasLiteral = false;
    while (this.at < this.end) {
      const byte = this.peek();
      if (isAtext(byte)) {
        if (hasLiteral) this.loosen();
        if (byte != 0x2e) isEmpty = false;
        if (!this.skipAtoms()) return this.give();
      } else if (byte == 0x5b && isEmpty) {
        isEmpty = false;
        hasLiteral = true;
        if (!this.readLiteral()) return this.give();
      } else if (byte == 0x28) {
        this.loosen();
        if (!this.readComment()) return this.give();
      } else if (isBlank(byte)) {
        this.loosen();
        this.at++;
      } else if (byte == 0x3e && this.isNested && !this.isBracketed && this.at + 1 == this.end) {
        return !isEmpty;
      } else return false;
    }
    // Without brackets round all, a blank ended the path before the bracket inside did.
    return !isEmpty && (this.isBracketed || !this.isNested);
  }

  /** What was read is no part of anything harmless: nothing is to go on from here. */
  private give(): bool {
    this.at = this.end;
    return false;
  }
}
