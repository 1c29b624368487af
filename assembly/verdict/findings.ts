import { Policy } from "../policy/policy";
import { Mode } from "../protections/catalogue";
import { Reason } from "../protections/generated-reasons";
import { preventedIn, Session } from "../session/session";
import { Evidence } from "./evidence";
import { find, isOn, isReported, protectionOf } from "./judge";
import { NOTHING, Outcome, stronger } from "./outcome";

/**
 * What was found in one line or reply, in order. Nearly always that is nothing, so that evidence is put together only
 * afterwards: `if (!findings.isEmpty) return findings.conclude(s, evidence)`.
 */
@final
export class Findings {
  /** Whether something is done about one of them, beyond reporting it. */
  prevents: bool = false;
  private count: i32 = 0;

  /** A list in the `REASONS_MOST` bytes at `reasons`. */
  constructor(private readonly reasons: usize) {}

  get isEmpty(): bool {
    return this.count == 0;
  }

  clear(): void {
    this.count = 0;
    this.prevents = false;
  }

  /** Takes `reason` into the list; none is no finding. */
  add(s: Session, reason: Reason): void {
    if (reason != Reason.none) this.put(s, reason);
  }

  private put(s: Session, reason: Reason): void {
    if (!isReported(s, reason) || this.count == REASONS_MOST) return;
    const prevents = <Mode>changetype<Policy>(s.policy).reasonModes[reason] == Mode.prevent;
    if (prevents && isOn(preventedIn(s), protectionOf(reason))) this.prevents = true;
    store<u8>(this.reasons + <usize>this.count, <u8>reason);
    this.count++;
  }

  /** Reports all of them; returns the strongest outcome. */
  conclude(s: Session, evidence: Evidence): Outcome {
    let outcome = NOTHING;
    for (let i = 0; i < this.count; i++) {
      outcome = stronger(outcome, find(s, evidence, <Reason>load<u8>(this.reasons + <usize>i)));
    }
    return outcome;
  }
}

/** Longest list: a line can have each reason about commands once, and these are fewer. */
export const REASONS_MOST: i32 = 64;
