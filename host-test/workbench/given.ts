/** What comes out of the filter in one call: bytes for each side, and where TLS starts between them. */
import { newTurn, type Part } from "./dialogue.js";
import { otherSide } from "./evidence.js";
import type { Side, Turn } from "./model.js";
import type { Passage } from "./passage.js";

export class Given {
  /** By the side that speaks, or that the filter speaks for; null: TLS starts. */
  readonly #pieces: Record<Side, (Uint8Array | null)[]> = { client: [], server: [] };
  readonly #begun: Side[] = [];

  /** @param add gets a turn for each place where TLS starts */
  constructor(private readonly add: (mark: Turn) => void) {}

  /** @param to the side that gets the bytes */
  goesTo(to: Side, bytes: Uint8Array): void {
    this.#pieces[otherSide(to)].push(bytes);
  }

  /** @param side it speaks TLS from now on */
  startsTls(side: Side): void {
    this.#pieces[otherSide(side)].push(null);
    this.#begun.push(side);
  }

  /** What was said in clear, and did not pass before TLS started, never will. Call it when all has passed. */
  settle({ client, server }: Readonly<Record<Side, Passage>>): void {
    for (const side of this.#begun.splice(0)) {
      server.forget();
      if (side === "client") client.forget();
    }
  }

  /**
   * Tells a passage what came out in its direction.
   * @param from the side that speaks in this direction
   */
  pass(from: Side, passage: Passage, sent: readonly Part[], timeNs: bigint): void {
    let left = sent;
    let run: Uint8Array[] = [];
    for (const piece of this.#pieces[from].splice(0)) {
      if (piece !== null) {
        run.push(piece);
        continue;
      }
      passage.pass(left, run, timeNs);
      [left, run] = [[], []];
      this.add(newTurn("starttls", otherSide(from), "command", timeNs, null));
    }
    passage.pass(left, run, timeNs);
  }
}
