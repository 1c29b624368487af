/** Message data of kinds that differ in cost for a scanner. */
import { LINE } from "./script.js";

/** Bytes of one read: the filter's window, and the buffer limit that `envoy/` sets. */
export const WINDOW = 65_536;

export interface Text {
  readonly name: string;
  /** `WINDOW` bytes; repeated after itself it is still of its kind. */
  readonly text: Uint8Array;
}

function text(name: string, line: string): Text {
  const whole = line.repeat(Math.floor(WINDOW / line.length));
  // The rest is one more line, so that the next window begins a line again.
  const rest = WINDOW - whole.length;
  const end = line.endsWith("\r\n") ? "\r\n" : "\n";
  const last = rest === 0 ? "" : rest < end.length ? "x" : "x".repeat(rest - end.length) + end;
  return { name, text: new Uint8Array(Buffer.from(whole + last, "latin1")) };
}

/** The first looks like mail. */
export const TEXTS: readonly [Text, ...Text[]] = [
  text("clean text", LINE),
  text("many dots", "..a.b.c.d...e.f..g.h.i.j.k...l.m.n.o.p.q...r.s.t.u.v.w.x.y.z........\r\n"),
  text("short lines", "ab\r\n"),
  text("long lines", `${"x".repeat(998)}\r\n`),
  text("bare LF", LINE.replace("\r\n", "\n")),
];
