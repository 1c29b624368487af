/**
 * Arguments of RCPT as RFC 5321 writes them, and as nobody should: comments, phrases, groups, routes, escapes and quotes
 * in all places, whole and damaged. Every word in one carries its number, so that what a server makes of it is found
 * again among thousands.
 */
import { Dice } from "./dice.js";

/** The words that carry the number of a path; whatever a server made of it holds one. */
const MARKED = /[uvwhg](\d+)[uvwhg]/;

/** The number that a text carries, or null. */
export function markIn(text: string): number | null {
  const match = MARKED.exec(text);
  return match === null ? null : Number(match[1]);
}

/**
 * Command lines `RCPT …` without their line ends, one character a byte.
 * @param first number of the first one
 */
export function recipientLines(seed: number, first: number, count: number): string[] {
  const dice = new Dice(seed);
  return Array.from({ length: count }, (_, index) => new Recipient(dice, first + index).line());
}

/** The parts of one line, each a string; a list of them is what is damaged. */
type Parts = string[];

const SPECIALS = [...'<>()"\\:;,[].@!%', " ", "\t"];
const RARE = [
  ...["\0", "\x0b", "\x0c", "\x1f", "\x7f", "\x85", "\xa0", "\xc3\xa9"],
  // Blanks and dots beyond ASCII: U+00A0, U+2028, U+3000, U+3002
  ...["\xc2\xa0", "\xe2\x80\xa8", "\xe3\x80\x80", "\xe3\x80\x82"],
];
const PARAMETERS = [
  " NOTIFY=NEVER",
  " ORCPT=rfc822;a+40b",
  " NOTIFY=NEVER ORCPT=rfc822;x",
  " X",
  " ",
  " (c)",
];

class Recipient {
  constructor(
    private readonly dice: Dice,
    private readonly number: number,
  ) {}

  line(): string {
    const { dice } = this;
    const parts = dice.once(4) ? this.soup() : this.path();
    if (dice.once(3)) this.damage(parts);
    return `${this.keyword()}${parts.join("")}${dice.once(4) ? dice.pick(PARAMETERS) : ""}`;
  }

  private keyword(): string {
    const { dice } = this;
    if (!dice.once(8)) return "RCPT TO:";
    return dice.pick([
      "RCPT TO: ",
      "RCPT TO:\t",
      "rcpt to:",
      "RCPT TO :",
      "RCPT  TO:",
      "RCPT TO",
      "RCPT TO ",
      "RCPT ",
    ]);
  }

  /** A word of this path: a letter, the number, a letter. */
  private word(letters = "uvw"): string {
    const letter = this.dice.pick([...letters]);
    return `${letter}${this.number}${letter}`;
  }

  private path(): Parts {
    const { dice } = this;
    const inside = dice.pick([
      () => this.mailbox(),
      () => this.mailbox(),
      () => [...this.route(), ...this.mailbox()],
      () => this.group(),
      () => this.phrased(),
      () => [...this.gap(), ...this.route(), ...this.mailbox()],
    ])();
    const parts = dice.once(5) ? inside : ["<", ...this.gap(), ...inside, ...this.gap(), ">"];
    if (dice.once(8)) parts.push(...dice.pick([() => this.group(), () => this.tail(), () => this.soup()])());
    if (dice.once(12)) parts.unshift(...dice.pick([() => this.gap(), () => this.local(), () => ["<>"]])());
    return parts;
  }

  /** What glued to a path makes a group or a second mailbox of it. */
  private tail(): Parts {
    const { dice } = this;
    return [
      ...dice.pick([":", ";", ":;", ",", ">", "@", "(", ""]),
      ...this.mailbox(),
      ...dice.pick([";", "", ">"]),
    ];
  }

  private mailbox(): Parts {
    const parts = this.local();
    return this.dice.once(4) ? parts : [...parts, ...this.gap(), "@", ...this.gap(), ...this.domain()];
  }

  private local(): Parts {
    const { dice } = this;
    const parts = this.localWord();
    while (dice.once(4)) parts.push(dice.pick([".", ".", ".", " ", "..", "!", "%", ""]), ...this.localWord());
    return parts;
  }

  private localWord(): Parts {
    const { dice } = this;
    if (!dice.once(3)) return [this.word()];
    return dice.pick([
      () => this.quoted(),
      () => this.quoted(),
      () => ["\\", this.word()],
      () => [this.word(), "\\", dice.pick(SPECIALS), this.word()],
      () => ["=?utf-8?q?", this.word(), "?="],
      () => ["postmaster"],
    ])();
  }

  private domain(): Parts {
    const { dice } = this;
    if (dice.once(6))
      return [dice.pick(["[192.0.2.9]", "[IPv6:2001:db8::9]", "[]", `[${this.word("hg")}]`, "."])];
    if (dice.once(12)) return this.quoted();
    const parts = [this.word("hg")];
    while (!dice.once(2)) parts.push(".", ...this.gap(), "org");
    return parts;
  }

  private route(): Parts {
    const { dice } = this;
    const parts = ["@", ...this.domain()];
    while (dice.once(3)) parts.push(",", "@", ...this.domain());
    return [...parts, ...this.gap(), ":"];
  }

  private group(): Parts {
    const { dice } = this;
    const parts = [...dice.pick([() => this.mailbox(), () => this.local(), () => []])(), ":"];
    if (!dice.once(8))
      parts.push(...dice.pick([() => this.mailbox(), () => ["<", ...this.mailbox(), ">"]])());
    if (dice.once(4)) parts.push(",", ...this.mailbox());
    if (!dice.once(8)) parts.push(";");
    if (dice.once(4)) parts.push(...this.mailbox());
    return parts;
  }

  private phrased(): Parts {
    const before = this.dice.once(2) ? this.mailbox() : this.local();
    return [...before, ...this.gap(), "<", ...this.mailbox(), ">"];
  }

  /** Mostly nothing, else blanks or comments. */
  private gap(): Parts {
    const { dice } = this;
    if (!dice.once(8)) return [];
    return dice.once(3) ? [dice.pick([" ", "\t", "  "])] : this.comment();
  }

  private comment(): Parts {
    const { dice } = this;
    const parts = ["("];
    for (let words = dice.below(4); words > 0; words--) {
      parts.push(
        dice
          .pick([
            () => [this.word()],
            () => ["\\", dice.pick(SPECIALS)],
            () => this.comment(),
            () => this.mailbox(),
            () => [dice.pick(SPECIALS)],
          ])()
          .join(""),
      );
    }
    return [...parts, ")"];
  }

  private quoted(): Parts {
    const { dice } = this;
    const parts = ['"'];
    for (let words = dice.below(4); words > 0; words--) {
      parts.push(
        dice.pick([
          this.word(),
          this.word(),
          `\\${dice.pick(SPECIALS)}`,
          dice.pick(SPECIALS),
          "=?us-ascii?q?x",
        ]),
      );
    }
    return [...parts, '"'];
  }

  /** Words and specials in any order. */
  private soup(): Parts {
    const { dice } = this;
    const parts: Parts = [];
    for (let left = 1 + dice.below(9); left > 0; left--) {
      parts.push(
        dice.once(2)
          ? dice.pick(SPECIALS)
          : dice.pick([
              this.word(),
              this.word(),
              `@${this.word("hg")}.org`,
              `=?utf-8?q?${this.word()}`,
              `${this.word()}?=`,
            ]),
      );
    }
    return dice.once(3) ? parts : ["<", ...parts, ">"];
  }

  /** Leaves out, doubles, exchanges or adds a part, once or a few times. */
  private damage(parts: Parts): void {
    const { dice } = this;
    do {
      const at = dice.below(parts.length + 1);
      const special = dice.once(10) ? dice.pick(RARE) : dice.pick(SPECIALS);
      dice.pick([
        () => parts.splice(at, 1),
        () => parts.splice(at, 0, parts[at] ?? special),
        () => parts.splice(at, 1, special),
        () => parts.splice(at, 0, special),
        () => parts.splice(dice.below(parts.length + 1), 0, ...parts.splice(at, 1)),
        () => parts.splice(at, 0, ...this.comment()),
      ])();
    } while (dice.once(3));
  }
}
