/** Keeps all that one connection gives each side, and all that the filter reports of it. */
import type { ConnectionObserver, Side } from "../host/plugin.js";
import { joined, text } from "../workbench/bytes.js";
import { eventIn } from "../workbench/evidence.js";
import type { FindingEvent, Got } from "./conversation.js";

export class Tap implements ConnectionObserver {
  readonly findings: FindingEvent[] = [];
  readonly shadow: FindingEvent[] = [];
  readonly #given: Record<Side, Uint8Array[]> = { client: [], server: [] };

  /** All bytes that a side got. */
  got(side: Side): Got {
    const bytes = joined(this.#given[side]);
    return { bytes, text: text(bytes) };
  }

  goesTo(side: Side, bytes: Uint8Array): void {
    this.#given[side].push(bytes.slice());
  }

  logs(message: string): void {
    const event = eventIn(message) as FindingEvent | null;
    if (event !== null) (event["shadow"] === true ? this.shadow : this.findings).push(event);
  }

  said(): void {}
  startsTls(): void {}
  settled(): void {}
  closes(): void {}
}
