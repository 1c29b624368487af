/** Arguments of RCPT as they should be written, with all that is allowed in them. */
import { Dice } from "./dice.js";

/** Recipients that RFC 5321, 6531 and 3461 know, as they should be written, likewise. */
export function properRecipientLines(seed: number, first: number, count: number): string[] {
  const dice = new Dice(seed);
  return Array.from({ length: count }, (_, index) => new ProperRecipient(dice, first + index).line());
}

/** Of atoms (RFC 5322 3.2.3), and beyond ASCII. */
const ATEXT = [..."abcXYZ019!#$%&'*+-/=^_`{|}~", "x?", "\xc3\xa9", "\xe4\xbe\x8b"];
/** Of quoted strings; not ":", which with some of the others makes two mailboxes of one. */
const QTEXT = [..."abcXYZ019!#$%&'()*+,-./;<>[]^_`{|}~@", "=x", "\\\\"];
/** With one of these; Exim makes "=" of a blank that an escaped quote follows. */
const QUOTED = [
  [...QTEXT, " ", "\\ "],
  [...QTEXT, '\\"'],
];
const DOMAINS = [
  "example.org",
  "a.b.example.org",
  "xn--fsq.example",
  "example.org.",
  "[192.0.2.1]",
  "[IPv6:2001:db8::1]",
  "[IPv6:::ffff:192.0.2.1]",
  "localhost",
  "\xe4\xbe\x8b.example",
  "ex_ample.org",
  "1.example.org",
];

class ProperRecipient {
  constructor(
    private readonly dice: Dice,
    private readonly number: number,
  ) {}

  line(): string {
    const { dice } = this;
    if (dice.once(20)) return `RCPT TO:<${dice.pick(["Postmaster", "postmaster", "POSTMASTER"])}>`;
    const local = dice.once(4) ? `"u${this.number}u${this.some(dice.pick(QUOTED))}"` : this.dotString();
    const route = dice.once(12)
      ? dice.pick(["@relay.example:", "@a.example,@b.example:", "@[192.0.2.1]:"])
      : "";
    return `RCPT TO:<${route}${local}@${dice.pick(DOMAINS)}>${dice.once(4) ? dice.pick(PROPER_PARAMETERS) : ""}`;
  }

  private dotString(): string {
    let text = `u${this.number}u${this.some(ATEXT)}`;
    while (this.dice.once(3)) text += `.${this.dice.pick(ATEXT)}${this.some(ATEXT)}`;
    return text;
  }

  private some(of: readonly string[]): string {
    return Array.from({ length: this.dice.below(8) }, () => this.dice.pick(of)).join("");
  }
}

const PROPER_PARAMETERS = [" NOTIFY=NEVER", " NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a+2Bb@example.org"];
