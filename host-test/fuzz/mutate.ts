/** Changes a session a little: its events, its lines, its bytes. */
import { concat } from "../host/buffer.js";
import { CLIENT_LINES, LENGTHS, PIECES, SERVER_LINES } from "./dictionary.js";
import { POLICY_PIECES, POLICY_TEXTS } from "./dictionary-policy.js";
import { FLAVOURS } from "./model-server.js";
import { POLICIES } from "./policies.js";
import type { Random } from "./random.js";
import type { Kind, Op, Session } from "./session.js";
import { isBytes, isSpoken, op, sizeOf } from "./session.js";

/** Most events, and most bytes except in the few sessions that are to be long. */
const OPS_MAX = 40;
const SIZE_MAX = 3000;
const LONG_MAX = 200_000;

/** One to a handful of changes; `other` is a session to take parts from. */
export function mutate(random: Random, session: Session, other: Session): Session {
  let changed: Session = session;
  const count = 1 << random.below(4);
  for (let i = 0; i < count; i++) changed = change(random, changed, other);
  if (changed.ops.length > OPS_MAX) changed = { ...changed, ops: changed.ops.slice(0, OPS_MAX) };
  const most = Math.max(sizeOf(session), random.oneIn(40) ? LONG_MAX : SIZE_MAX);
  return sizeOf(changed) > most ? session : changed;
}

type Change = (random: Random, ops: Op[], other: readonly Op[]) => void;

/** By weight: what is listed twice happens twice as often. */
const CHANGES: readonly Change[] = [
  insertLine,
  insertLine,
  insertLine,
  removeOp,
  duplicateOp,
  swapOps,
  splice,
  joinOps,
  splitOp,
  insertEvent,
  changeKind,
  insertAnswer,
  insertAnswer,
  editBytes,
  editBytes,
  editBytes,
  editBytes,
];

function change(random: Random, session: Session, other: Session): Session {
  if (random.oneIn(12)) return { ...session, policy: random.below(POLICIES.length) };
  if (random.oneIn(40)) return { ...session, server: random.below(FLAVOURS) };
  const ops = [...session.ops];
  random.pick(CHANGES)(random, ops, other.ops);
  return { ...session, ops };
}

function insertLine(random: Random, ops: Op[]): void {
  const server = random.oneIn(6);
  const line = random.pick(server ? SERVER_LINES : CLIENT_LINES);
  const at = random.below(ops.length + 1);
  const near = ops[at];
  if (!server && near?.kind === "C" && random.oneIn(2)) {
    // Into the same segment: a pipelined group.
    ops[at] = op("C", random.oneIn(2) ? concat([line, near.bytes]) : concat([near.bytes, line]));
  } else ops.splice(at, 0, op(server ? "S" : random.oneIn(8) ? "c" : "C", line));
}

/** What matters most to clients: the next reply is a different one. */
function insertAnswer(random: Random, ops: Op[]): void {
  ops.splice(random.below(ops.length + 1), 0, op("A", random.pick(SERVER_LINES)));
}

function removeOp(random: Random, ops: Op[]): void {
  if (ops.length > 1) ops.splice(random.below(ops.length), 1 + random.below(random.oneIn(4) ? 4 : 1));
}

function duplicateOp(random: Random, ops: Op[]): void {
  if (ops.length === 0) return;
  const from = random.below(ops.length);
  const part = ops.slice(from, from + 1 + random.below(4));
  ops.splice(random.below(ops.length + 1), 0, ...part);
}

function swapOps(random: Random, ops: Op[]): void {
  const [a, b] = [random.below(ops.length), random.below(ops.length)];
  const [one, two] = [ops[a], ops[b]];
  if (one === undefined || two === undefined) return;
  ops[a] = two;
  ops[b] = one;
}

/** The start of this session with the end of the other. */
function splice(random: Random, ops: Op[], other: readonly Op[]): void {
  const cut = random.below(ops.length + 1);
  const from = random.below(other.length + 1);
  if (random.oneIn(2)) ops.splice(cut, ops.length, ...other.slice(from));
  else ops.splice(cut, 0, ...other.slice(from, from + 1 + random.below(4)));
}

/** Two segments of one side become one. */
function joinOps(random: Random, ops: Op[]): void {
  const at = random.below(ops.length - 1);
  const [one, two] = [ops[at], ops[at + 1]];
  if (one === undefined || two === undefined || !isBytes(one.kind) || one.kind !== two.kind) return;
  ops.splice(at, 2, op(one.kind, concat([one.bytes, two.bytes])));
}

function splitOp(random: Random, ops: Op[]): void {
  const at = random.below(ops.length);
  const one = ops[at];
  if (one === undefined || one.bytes.length < 2) return;
  const cut = 1 + random.below(one.bytes.length - 1);
  const first: Kind = one.kind === "S." ? "S" : one.kind;
  ops.splice(at, 1, op(first, one.bytes.subarray(0, cut)), op(one.kind, one.bytes.subarray(cut)));
}

function insertEvent(random: Random, ops: Op[]): void {
  const at = random.below(ops.length + 1);
  const event = random.pick<() => Op>([
    () => op("C."),
    () => op("C."),
    () => op("C!"),
    () => op("S!"),
    () => op("S.", random.oneIn(2) ? undefined : random.pick(SERVER_LINES)),
    () => op("R", undefined, random.below(4)),
    () => op("T", undefined, random.pick([0, 500, 1000, 6000, 70_000])),
    () => op("U", undefined, random.below(POLICIES.length)),
    () => op("P", random.pick(POLICY_TEXTS)),
  ])();
  ops.splice(at, 0, event);
}

function changeKind(random: Random, ops: Op[]): void {
  const at = random.below(ops.length);
  const one = ops[at];
  if (one !== undefined && isSpoken(one.kind))
    ops[at] = op(random.pick<Kind>(["C", "c", "S", "A"]), one.bytes);
}

function editBytes(random: Random, ops: Op[]): void {
  const at = random.below(ops.length);
  const one = ops[at];
  if (one === undefined || !isBytes(one.kind)) return;
  ops[at] = op(one.kind, edit(random, one.bytes, one.kind === "P" ? POLICY_PIECES : PIECES));
}

function edit(random: Random, bytes: Uint8Array, pieces: readonly Uint8Array[]): Uint8Array {
  const at = random.below(bytes.length + 1);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (random.below(9)) {
    case 0: {
      const changed = bytes.slice();
      if (at < changed.length)
        changed[at] = random.oneIn(2) ? random.below(256) : (changed[at] as number) ^ 0x20;
      return changed;
    }
    case 1:
      return concat([before, after.subarray(1 + random.below(random.oneIn(3) ? 12 : 1))]);
    case 2: // a run of one byte, up to a length that matters
      return concat([before, run(random, bytes[Math.max(0, at - 1)] ?? 0x61), after]);
    case 3: // a piece of itself again
      return concat([before, bytes.subarray(random.below(at + 1), at), after]);
    case 4:
      return after.length > 0 ? concat([after, before]) : bytes;
    case 5:
      return concat([before, Uint8Array.of(random.below(256)), after]);
    default: {
      const piece = random.pick(pieces);
      return concat([before, piece, random.oneIn(2) ? after : after.subarray(piece.length)]);
    }
  }
}

function run(random: Random, byte: number): Uint8Array {
  const length = random.pick(random.oneIn(8) ? LENGTHS : LENGTHS.slice(0, 19));
  return new Uint8Array(length).fill(
    random.oneIn(3) ? random.pick([0x61, 0x20, 0x2e, 0x41, 0x30, 0xff]) : byte,
  );
}
