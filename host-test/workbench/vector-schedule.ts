/** In which order the two sides of a script act, and how their segments are cut; the same for every host. */
import { type Actor, Conversation } from "./vector-conversation.js";
import type { Script } from "./vector-script.js";

export type Side = "client" | "server";

/** How the same bytes arrive. */
export interface Manner {
  /** Cuts the `index`-th segment of a side into the pieces that arrive one by one; whole by default. */
  cut?: (side: Side, index: number, text: string) => string[];
  /** Whether the server's end of stream comes together with its last bytes if the script has one after them. */
  joinEnd?: boolean;
  /** Whether there may be more or fewer stand-ins than in the script: how many are needed depends on the cuts. */
  lenient?: boolean;
  /** Whether the server answers such a stand-in in the middle of a client's segment, or after it. */
  answersAtOnce?: boolean;
}

/** Bytes of one side that arrive at once, or the end of its stream, or both. */
export interface Step {
  side: Side;
  text: string;
  end: boolean;
}

/**
 * One run. The pieces of a segment follow each other, so that a cut changes nothing about what was sent before which
 * reply; between segments the server acts first.
 */
export class Schedule {
  readonly conversation: Conversation;
  #pieces: string[] = [];
  #side: Side = "client";

  constructor(
    script: Script,
    private readonly manner: Manner,
  ) {
    this.conversation = new Conversation(script, manner.lenient === true);
  }

  /** What is sent next; undefined when the script is at its end or stuck. Asking takes it. */
  next(): Step | undefined {
    const { server } = this.conversation;
    if (this.#pieces.length > 0) {
      const answer = this.manner.answersAtOnce === true ? server.takeAnswer() : undefined;
      return answer === undefined ? this.#piece() : { side: "server", text: answer, end: false };
    }
    return this.#segment("server") ?? this.#segment("client") ?? (server.settle() ? this.next() : undefined);
  }

  /** Whether the script has TLS start on a side now. */
  awaitsTls(side: Side): boolean {
    return this.#pieces.length === 0 && this.conversation[side].awaitsTls;
  }

  /** TLS starts on a side. @param unread what it said and nobody has read */
  startTls(side: Side, unread: string): void {
    this.conversation[side].startTls(this.#pieces.length === 0 && unread === "");
  }

  #segment(side: Side): Step | undefined {
    const actor: Actor = this.conversation[side];
    const answer = actor.takeAnswer();
    if (answer !== undefined) return { side, text: answer, end: false };
    const segment = actor.take();
    if (segment === undefined) return undefined;
    if (segment === null) return { side, text: "", end: true };
    this.#side = side;
    this.#pieces = this.manner.cut?.(side, actor.segments - 1, segment) ?? [segment];
    return this.#piece();
  }

  #piece(): Step {
    const side = this.#side;
    const text = this.#pieces.shift() as string;
    const isLast = this.#pieces.length === 0 && side === "server";
    const end = this.manner.joinEnd === true && isLast && this.conversation.server.takeEnd();
    return { side, text, end };
  }
}
