/** Which message is sent to a server, and in which chunks. */
import { SHAPES, type Shape } from "../../judges/legitimate/content.js";
import type { Dice } from "./dice.js";

const PLAIN = SHAPES.filter(({ bytes }) => bytes === undefined);

/** A message that a server with these keywords may be sent. */
export function shapeFor(offered: ReadonlySet<string>, dice: Dice): Shape {
  const shape = dice.pick(SHAPES);
  const needs = { utf8: ["SMTPUTF8", "8BITMIME"], "8bit": ["8BITMIME"], none: [] }[shape.bytes ?? "none"];
  return needs.every((keyword) => offered.has(keyword)) ? shape : dice.pick(PLAIN);
}

/** BDAT commands with their payload: one or two with content, and an empty last one at times. */
export function inChunks(content: string, dice: Dice): string[] {
  const first = dice.once(2) ? content.length : 1 + dice.below(content.length);
  const parts = [content.slice(0, first), content.slice(first)].filter((part) => part !== "");
  const isEmptyLast = parts.length === 0 || dice.once(4);
  const chunks = parts.map((part, at) => {
    const last = at + 1 === parts.length && !isEmptyLast ? " LAST" : "";
    return `BDAT ${part.length}${last}\r\n${part}`;
  });
  return isEmptyLast ? [...chunks, "BDAT 0 LAST\r\n"] : chunks;
}
