/** The place in the file of a character of a YAML scalar: block and flow, folded, quoted and escaped. */
import { Scalar } from "yaml";

/**
 * Offsets in `source` of the UTF-16 units of `value`, one more for its end. What is not white space is exact, since YAML
 * keeps its order; a space may be off by the indentation and line ends around it, which YAML folds.
 */
export function scalarOffsets(node: Scalar, value: string, source: string): number[] {
  const [start, end] = node.range ?? [0, 0];
  const block = node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
  const quoted = node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE;
  let at = block ? source.indexOf("\n", start) + 1 : quoted ? start + 1 : start;
  const offsets: number[] = [];
  // By UTF-16 units: a folded line may end between the two units of one character.
  for (let index = 0; index < value.length;) {
    const blank = isBlank(value.charAt(index));
    let unit = unitAt(source, at, node.type);
    while (at < end && !blank && unit.blank) {
      at += unit.width;
      unit = unitAt(source, at, node.type);
    }
    for (const behind = index + (blank ? 1 : unit.units); index < behind; index++)
      offsets.push(Math.min(at, end));
    // A space that stands for a line end: the character after it is not consumed.
    if (!blank || unit.blank) at += unit.width;
  }
  offsets.push(Math.min(at, end));
  return offsets;
}

/** The source of one unit of the value, or of two. */
interface Unit {
  width: number;
  units: 1 | 2;
  /** It is white space. */
  blank: boolean;
}

function unitAt(source: string, at: number, type: Scalar.Type | undefined): Unit {
  if (type === Scalar.QUOTE_SINGLE && source.startsWith("''", at))
    return { width: 2, units: 1, blank: false };
  if (type === Scalar.QUOTE_DOUBLE && source[at] === "\\") return escapeAt(source, at);
  return { width: 1, units: 1, blank: isBlank(source[at] ?? " ") };
}

/** An escape of a double-quoted scalar (YAML 1.2.2, 5.7), or a line end that it takes away. */
function escapeAt(source: string, at: number): Unit {
  const letter = source[at + 1] ?? " ";
  if (letter === "\r" || letter === "\n") return { width: 2, units: 1, blank: true };
  const digits = { x: 2, u: 4, U: 8 }[letter];
  if (digits === undefined) return { width: 2, units: 1, blank: BLANK_ESCAPES.includes(letter) };
  const code = Number.parseInt(source.slice(at + 2, at + 2 + digits), 16);
  const pair = code > 0xffff;
  return { width: 2 + digits, units: pair ? 2 : 1, blank: !pair && isBlank(String.fromCharCode(code)) };
}

const isBlank = (character: string): boolean => /^\s/.test(character);

const BLANK_ESCAPES = " \ttnrvf_LP";
