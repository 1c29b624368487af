/** Makes a session smaller as long as a condition holds. */
import type { Op, Session } from "./session.js";
import { op } from "./session.js";

/**
 * @param holds whether the condition still holds for the smaller one
 * @param budget most calls of `holds`
 * @param milliseconds after which it stops; without it the result is the same on every machine
 */
export function shrink(
  session: Session,
  holds: (smaller: Session) => boolean,
  budget: number,
  milliseconds = Infinity,
): Session {
  let best = session;
  let left = budget;
  const until = performance.now() + milliseconds;
  const attempt = (ops: readonly Op[]): boolean => {
    if (left <= 0 || performance.now() > until) return false;
    left--;
    const candidate = { ...best, ops };
    if (!holds(candidate)) return false;
    best = candidate;
    return true;
  };
  for (let before = Infinity; before > weight(best) && left > 0;) {
    before = weight(best);
    dropOps(() => best.ops, attempt);
    for (let index = 0; index < best.ops.length; index++) dropBytes(() => best.ops, index, attempt);
  }
  return best;
}

const weight = ({ ops }: Session): number => ops.reduce((sum, { bytes }) => sum + bytes.length + 1, 0);

type Attempt = (ops: readonly Op[]) => boolean;

function dropOps(ops: () => readonly Op[], attempt: Attempt): void {
  for (let size = ops().length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < ops().length;) {
      const now = ops();
      if (!attempt([...now.slice(0, at), ...now.slice(at + size)])) at += size;
    }
  }
}

function dropBytes(ops: () => readonly Op[], index: number, attempt: Attempt): void {
  const bytes = (): Uint8Array => (ops()[index] as Op).bytes;
  for (let size = bytes().length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < bytes().length;) {
      const now = bytes();
      const rest = new Uint8Array(now.length - Math.min(size, now.length - at));
      rest.set(now.subarray(0, at));
      rest.set(now.subarray(at + size), at);
      const changed = [...ops()];
      changed[index] = op((changed[index] as Op).kind, rest, (changed[index] as Op).n);
      if (!attempt(changed)) at += size;
    }
  }
}
