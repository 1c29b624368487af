/** What comes out of the filter in one call: bytes for each side, and where TLS starts between them. */
import { newTurn, type Part } from "./dialogue.js";
import { otherSide } from "./evidence.js";
import type { Mode, Side, Turn } from "./model.js";
import type { Passage } from "./passage.js";

export class Given {
  /** By the side that speaks, or that the filter speaks for; null: TLS starts. */
  #pieces: Record<Side, (Uint8Array | null)[]> = { client: [], server: [] };

  /** @param to the side that gets the bytes */
  goesTo(to: Side, bytes: Uint8Array): void {
    this.#pieces[otherSide(to)].push(bytes);
  }

  /** @param with the side that speaks TLS from now on */
  startsTls(side: Side): void {
    this.#pieces[otherSide(side)].push(null);
  }

  /**
   * Tells a passage what came out in its direction.
   * @param from the side that speaks in this direction
   * @param add gets a turn for each place where TLS starts
   */
  pass(from: Side, passage: Passage, sent: readonly Part[], timeNs: bigint, add: (mark: Turn) => void): void {
    let left = sent;
    let run: Uint8Array[] = [];
    for (const piece of this.#pieces[from].splice(0)) {
      if (piece !== null) {
        run.push(piece);
        continue;
      }
      passage.pass(left, run, timeNs);
      [left, run] = [[], []];
      add(newTurn("starttls", otherSide(from), STARTS_IN, timeNs, null));
    }
    passage.pass(left, run, timeNs);
  }
}

const STARTS_IN: Mode = "command";
