/**
 * What a side said, with other names and other content of the same shape. Kept are only the protocol's own words
 * (vocabulary.ts) and what the filter checks: lengths, line ends, dots at the start of lines, NUL and control bytes,
 * whether bytes beyond ASCII are UTF-8, whether base64 is valid.
 */
import type { Turn } from "./model.js";
import type { Pseudonyms } from "./pseudonyms.js";
import { BEFORE_NUMBERS, KEYWORDS, MECHANISMS, VERBS } from "./vocabulary.js";

/**
 * @param text all of the turn, one character a byte
 * @returns as many characters
 */
export function anonymous(text: string, turn: Turn, names: Pseudonyms): string {
  if (turn.kind === "data") return data(text);
  if (turn.mode === "auth" && turn.from === "client") return credentials(text);
  const line = (text: string): string =>
    turn.from === "server" ? reply(text, names) : command(text, turn.secret, names);
  return turn.kind === "tls" ? tls(text, line) : line(text);
}

/**
 * The header of the first record (RFC 8446 5.1) and the type of its message; if it is not TLS, only that fact. The
 * filter may read what follows as lines, if the policy permits.
 */
function tls(text: string, line: (text: string) => string): string {
  const begins = text[0] === "\x16" || text[0] === "\x15";
  const kept = !begins ? 0 : (text[1] ?? "\x03") === "\x03" ? 6 : 1;
  const rest = text
    .slice(kept)
    .replace(/[^\n]*\n|[^\n]+$/g, (one) => (/^[\t\x20-\x7e]*\r?\n$/.test(one) ? line(one) : filler(one)));
  return text.slice(0, kept) + rest;
}

/**
 * Message data: a dot counts where any reader may see the start of a line, and the first colon of a line, with the blanks
 * before it and those at the start, says where the name of a header ends (RFC 5322 2.2).
 */
const data = (text: string): string =>
  text.replace(/[^\r\n\0]+/g, (line) => {
    const dot = line.startsWith(".") ? "." : "";
    const [, start = "", name = "", end = "", rest = ""] =
      /^([ \t]*)([^: \t]*)([ \t]*:|)(.*)$/s.exec(line.slice(dot.length)) ?? [];
    return dot + start + filler(name) + end + filler(rest);
  });

const filler = (text: string): string => text.replace(/[\t\x20-\x7e]/g, "x").replace(/[\x80-\xff]/g, "\xff");

/** Code, separator and enhanced code (RFC 2034), then words. */
function reply(text: string, names: Pseudonyms): string {
  const start = /^\d{0,3}(?:(?<=^\d{3})[ -](?:\d\.\d{1,3}\.\d{1,3}(?![^ \r\n]))?)?/.exec(text)?.[0] ?? "";
  return start + words(text.slice(start.length), names);
}

/** A line that was read as a command, whatever the sender meant. */
function command(text: string, secret: boolean, names: Pseudonyms): string {
  const [, blanks = "", verb = "", rest = ""] = /^([ \t]*)([^ \t\r\n]*)(.*)$/s.exec(text) ?? [];
  const known = verb.toUpperCase();
  if (known === "AUTH" || known === "X-EXPS") return blanks + verb + authentication(rest, names);
  if (VERBS.has(known) || names.kept.has(known)) return blanks + verb + words(rest, names, known);
  // Some servers skip a control character before a verb, and end the verb by one, or by a colon.
  const [, skipped = "", bare = "", tail = ""] =
    /^([^!-~]*)([A-Za-z0-9-]+)((?:[^!-~]|:).*)?$/s.exec(verb) ?? [];
  if (VERBS.has(bare.toUpperCase()))
    return blanks + highBytes(skipped) + bare + words(tail + rest, names, known);
  // A response to AUTH that nobody asked for reads as a verb.
  return blanks + unknownVerb(verb) + (secret ? credentials(rest) : words(rest, names));
}

/** A word in place of a verb: still a valid verb (RFC 5321 4.1.1) if it was one, and still private if it was. */
function unknownVerb(verb: string): string {
  const kept = /^(?:SSH-|[Xx]|\*)/i.exec(verb)?.[0] ?? "";
  return (
    kept +
    highBytes(verb.slice(kept.length)).replace(/[\x20-\x7e]/g, (byte) => {
      if (/[A-Za-z]/.test(byte)) return "Z";
      if (/[0-9]/.test(byte)) return "0";
      return STRUCTURE.has(byte) ? byte : "_";
    })
  );
}

/** What follows AUTH: a mechanism, then an initial response. */
function authentication(rest: string, names: Pseudonyms): string {
  const [, before = "", mechanism = "", response = ""] = /^([ \t]*)([^ \t\r\n]*)(.*)$/s.exec(rest) ?? [];
  return before + otherMechanism(mechanism, names) + credentials(response);
}

function otherMechanism(mechanism: string, names: Pseudonyms): string {
  if (MECHANISMS.has(mechanism.toUpperCase()) || /^[=*]?$/.test(mechanism)) return mechanism;
  return /^[\x21-\x7e]+$/.test(mechanism) ? names.mechanism(mechanism) : credentials(mechanism);
}

/** Valid base64 stays valid, and invalid base64 is invalid at the same place. `*` alone cancels. */
function credentials(text: string): string {
  if (/^\*\r?\n?$/.test(text)) return text;
  return highBytes(text).replace(/[\x21-\x7e]/g, (byte) => {
    if (/[A-Za-z]/.test(byte)) return "A";
    if (/[0-9]/.test(byte)) return "0";
    return /[+/=]/.test(byte) ? byte : "!";
  });
}

/** Punctuation that has a meaning between words. */
const STRUCTURE: ReadonlySet<string> = new Set(`<>@.:,=?[]()"\\;*+-/$|%!\` `);

/** @param before the word before them */
function words(text: string, names: Pseudonyms, before = ""): string {
  let last = before;
  // Which marks stand in the name of a host is what the filter looks for.
  const keepsMarks = /^(?:HELO|EHLO|LHLO)$/.test(before);
  const found = highBytes(text);
  return found.replace(
    /[A-Za-z0-9](?:[A-Za-z0-9._+-]*[A-Za-z0-9])?|[\x21-\x7e]/g,
    (word: string, at: number) => {
      if (!/^[A-Za-z0-9]/.test(word)) {
        // `${` and `CHUNK={` are what protections look for.
        const opens = word === "{" && /[$=]/.test(found[at - 1] ?? "");
        return opens || keepsMarks || STRUCTURE.has(word) ? word : "_";
      }
      // A keyword that a middlebox hid says no name (ehlo_reply_masked).
      const other = /^X{3,}[A-Z]?$/.test(word)
        ? word
        : another(word, found[at - 1], found[at + word.length], last, names);
      last = word.toUpperCase();
      return other;
    },
  );
}

/** @param previous,next the characters around the word @param before the word before it, in upper case */
function another(
  word: string,
  previous: string | undefined,
  next: string | undefined,
  before: string,
  names: Pseudonyms,
): string {
  const upper = word.toUpperCase();
  const isKnown = KEYWORDS.has(upper) || MECHANISMS.has(upper) || names.kept.has(upper);
  if (next === "@") return upper === "POSTMASTER" ? word : otherLocal(word, names);
  if (IPV4.test(word)) return names.ipv4(word);
  if (DOMAIN.test(word) && (previous === "@" || word.includes("."))) return names.domain(word);
  if (isKnown && previous !== "@") return word;
  if (before === "CHUNK" && /^[0-9A-F]+$/i.test(word)) return word;
  if (/^\d+$/.test(word)) return BEFORE_NUMBERS.has(before) ? word : "0".repeat(word.length);
  if (previous === ";" && /^(?:[NR]T?|C)$/i.test(word)) return word;
  return shapeOf(word);
}

/** A "+" is what separates a tag, and in xtext what begins an octet. */
function otherLocal(word: string, names: Pseudonyms): string {
  const [name = ""] = word.split("+", 1);
  return names.local(name) + shapeOf(word.slice(name.length));
}

/** Letters as x and digits as 0, but for those that make an octet in xtext (RFC 3461 4) or a date (RFC 3339). */
function shapeOf(word: string): string {
  if (/^(?:\d{4}-\d\d-\d\dT\d\d|\d\d(?:\.\d+)?Z)$/i.test(word)) return word.replace(/\d/g, "0");
  return word.replace(/\+[0-9A-F]{2}|[A-Z]|\d/gi, (part) => {
    if (part.startsWith("+")) return "+00";
    return /\d/.test(part) ? "0" : "x";
  });
}

const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const DOMAIN = /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/;

/** What some server takes for a blank or a dot of an address, in UTF-8. */
const SEPARATOR =
  /^(?:\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80[\x80\x82]|\xef\xbc\x8e|\xef\xbd\xa1)$/;

/** Bytes beyond ASCII: UTF-8 (RFC 3629) by other characters of as many bytes unless it separates, all else by 0xff. */
const highBytes = (text: string): string =>
  text.replace(
    /[\xc2-\xdf][\x80-\xbf]|(?:\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f])[\x80-\xbf]|(?:\xf0[\x90-\xbf]|[\xf1-\xf3][\x80-\xbf]|\xf4[\x80-\x8f])[\x80-\xbf]{2}|[\x80-\xff]/g,
    (bytes) =>
      SEPARATOR.test(bytes)
        ? bytes
        : (["\xff", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"][bytes.length - 1] as string),
  );
