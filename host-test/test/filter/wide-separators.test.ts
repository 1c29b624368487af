/** Blanks and dots beyond ASCII in a domain, each of them, and no other character. */
import { afterAll, expect, test } from "vitest";
import { RecipientFilter } from "../support/recipient-filter.js";

/** What Python's `str.split` takes for a blank, beyond ASCII. */
const BLANKS = [
  ...[0x85, 0xa0, 0x1680],
  ...[0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a],
  ...[0x2028, 0x2029, 0x202f, 0x205f, 0x3000],
];
/** RFC 3490 3.1. */
const DOTS = [0x3002, 0xff0e, 0xff61];
const SURROGATES = { first: 0xd800, last: 0xdfff };

const filter = new RecipientFilter({ profile: "recommended" });
afterAll(() => filter.stop());

function inOctets(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

test(
  "a domain of nothing but such a one is none, a domain of any other character is one",
  { timeout: 120_000 },
  () => {
    const found: number[] = [];
    for (let code = 0x80; code <= 0xffff; code++) {
      if (code >= SURROGATES.first && code <= SURROGATES.last) continue;
      const { noDomain } = filter.judge(`RCPT TO:<user@${inOctets(String.fromCharCode(code))}>`);
      if (noDomain.length > 0) found.push(code);
    }
    expect(found).toEqual([...BLANKS, ...DOTS]);
  },
);

test("octets that begin as one and end otherwise are a domain", () => {
  for (const domain of ["\xe2\x80a", "\xe2\x80", "\xc2", "\xef\xbc."])
    expect(filter.judge(`RCPT TO:<user@${domain}>`).noDomain, domain).toEqual([]);
});

test.each([...BLANKS, ...DOTS])(
  "character %i in a domain is a path that servers read differently",
  (code) => {
    const domain = inOctets(`x${String.fromCharCode(code)}y.org`);
    expect(filter.judge(`RCPT TO:<user@${domain}>`).findings).toContain("lax_command_syntax/path");
    expect(filter.judge(`RCPT TO:<@${domain}:user@x.org>`).findings).toContain("lax_command_syntax/path");
  },
);
