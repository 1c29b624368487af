/** The sessions that reached something new, and which of them to change next. */
import type { Feature } from "./coverage.js";
import type { Random } from "./random.js";
import type { Session } from "./session.js";
import { sizeOf } from "./session.js";

/** Above that a session is picked less often: it takes long, and is less often changed where it matters. */
const LONG = 1500;

export class Pool {
  readonly sessions: Session[] = [];
  /** Per feature the smallest session that has it: these are picked most of the time. */
  readonly #best = new Map<Feature, Session>();
  #favoured: Session[] = [];

  add(session: Session, features: readonly Feature[]): void {
    this.sessions.push(session);
    let better = false;
    for (const feature of features) {
      const best = this.#best.get(feature);
      if (best !== undefined && sizeOf(best) <= sizeOf(session)) continue;
      this.#best.set(feature, session);
      better = true;
    }
    if (better) this.#favoured = [...new Set(this.#best.values())];
  }

  /** @throws RangeError when there is none */
  pick(random: Random): Session {
    const from = this.#favoured.length > 0 && !random.oneIn(4) ? this.#favoured : this.sessions;
    const one = random.pick(from);
    return sizeOf(one) > LONG && !random.oneIn(8) ? random.pick(from) : one;
  }
}
