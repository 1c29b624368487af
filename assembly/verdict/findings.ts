import { FirstReason, Reason } from "../protections/generated-reasons";
import { Session } from "../session/session";
import { Evidence } from "./evidence";
import { findLive, findShadow, noteShadowOutcome, preventing, wanting } from "./judge";
import { NOTHING, Outcome, stronger } from "./outcome";
import { Side } from "./side";

/**
 * What was found in one line or reply, in order. Nearly always that is nothing, so that evidence is put together only
 * afterwards: `if (!findings.isEmpty) return findings.conclude(s, evidence)`.
 */
@final
export class Findings {
  /** For which policies there is one at least. */
  found: Side = Side.none;
  private count: i32 = 0;

  /** A list in the `LIST_BYTES` bytes at `list`: reason and side of each. */
  constructor(private readonly list: usize) {}

  get isEmpty(): bool {
    return this.count == 0;
  }

  clear(): void {
    this.count = 0;
    this.found = Side.none;
  }

  /** Takes `reason` into the list as far as the policies want it; none is no finding. */
  add(s: Session, reason: Reason): void {
    if (reason != Reason.none) this.put(s, reason);
  }

  /** The same where it was found for `side` only. */
  addFor(s: Session, side: Side, reason: Reason): void {
    if (reason != Reason.none) this.putFor(s, reason, side);
  }

  /** Takes each reason of a set: bit 0 is `first`. */
  addEach(s: Session, set: u32, first: FirstReason): void {
    this.addEachFor(s, Side.both, set, first);
  }

  /** The same where it was found for `side` only. */
  addEachFor(s: Session, side: Side, set: u32, first: FirstReason): void {
    for (let rest = set; rest != 0; rest &= rest - 1) this.putFor(s, <Reason>(first + ctz(rest)), side);
  }

  private put(s: Session, reason: Reason): void {
    this.putFor(s, reason, Side.both);
  }

  private putFor(s: Session, reason: Reason, side: Side): void {
    const wanted = side & wanting(s, reason);
    if (wanted == Side.none) return;
    this.found |= wanted;
    const at = this.placeOf(reason, wanted);
    if (at == REASONS_MOST) return;
    const entry = this.list + ((<usize>at) << 1);
    const before: u8 = at < this.count ? load<u8>(entry, 1) : 0;
    store<u8>(entry, <u8>reason);
    store<u8>(entry, before | (<u8>wanted), 1);
    this.count = max(this.count, at + 1);
  }

  /** Where `reason` stands for the live policy alone, if it is the shadow's turn to say the same; else the next place. */
  private placeOf(reason: Reason, side: Side): i32 {
    if (side == Side.shadow) {
      for (let i = 0; i < this.count; i++) {
        const entry = this.list + ((<usize>i) << 1);
        if (load<u8>(entry) == <u8>reason && load<u8>(entry, 1) == <u8>Side.live) return i;
      }
    }
    return this.count;
  }

  /** Which policies do something about one of theirs, beyond reporting it. */
  actingFor(s: Session): Side {
    let acting = Side.none;
    for (let i = 0; i < this.count; i++) {
      const entry = this.list + ((<usize>i) << 1);
      acting |= (<Side>load<u8>(entry, 1)) & preventing(s, <Reason>load<u8>(entry));
    }
    return acting;
  }

  /** Reports all of them; returns the strongest outcome of the live policy. */
  conclude(s: Session, evidence: Evidence): Outcome {
    let outcome = NOTHING;
    let shadow = NOTHING;
    for (let i = 0; i < this.count; i++) {
      const entry = this.list + ((<usize>i) << 1);
      const reason = <Reason>load<u8>(entry);
      const side = <Side>load<u8>(entry, 1);
      const live = (side & Side.live) != 0 ? findLive(s, evidence, reason) : NOTHING;
      outcome = stronger(outcome, live);
      if ((side & Side.shadow) != 0) shadow = stronger(shadow, findShadow(s, evidence, reason, live));
    }
    if (shadow != NOTHING) noteShadowOutcome(s, shadow);
    return outcome;
  }
}

/** Longest list: a line can have each reason about commands once, and these are fewer. */
const REASONS_MOST: i32 = 64;
export const LIST_BYTES: i32 = 128;
