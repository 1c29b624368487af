/**
 * The filter as a library, `import { SmtpInspector } from "smtp-inspector/host"`: tests of a policy in a program's own CI.
 * It runs the module that Envoy loads; a session has the result that `smtp-inspector replay` shows for it.
 */
import { readFileSync } from "node:fs";
import { ConfigurationRefused } from "../host/plugin.js";
import { modulePath } from "../cli/front.js";
import { conversationsIn } from "../workbench/conversations.js";
import type { Judge } from "../workbench/judge.js";
import { loadJudge } from "../workbench/sessions.js";
import { spokenIn } from "../workbench/transcript.js";
import type { Conversation, Ends, Policy, Session } from "./conversation.js";
import { Played } from "./played.js";
import { Tap } from "./tap.js";

export type {
  Action,
  Conversation,
  Ends,
  FindingEvent,
  Got,
  Mode,
  Policy,
  Session,
  Side,
  Verdict,
} from "./conversation.js";

/** The filter refuses the policy; the message is the filter's own, with the path and the place. */
export class PolicyRefused extends Error {
  override name = "PolicyRefused";
}

export interface LoadOptions {
  /** Bytes of another build of the module; by default the one in this package. */
  module?: Uint8Array;
}

/** One filter with one policy. Its sessions share what it knows of sources, as in a worker of Envoy. */
export class SmtpInspector {
  readonly #judge: Judge;
  readonly #taps: Tap[];
  #isClosed = false;

  private constructor(judge: Judge, taps: Tap[]) {
    this.#judge = judge;
    this.#taps = taps;
  }

  /**
   * Loads the filter.
   * @param policy an object or its JSON text; by default profile `recommended`
   * @throws PolicyRefused; Error when `module` is no such module
   */
  static load(policy: Policy | string = {}, options: LoadOptions = {}): SmtpInspector {
    const bytes = options.module ?? readFileSync(modulePath());
    const module = new WebAssembly.Module(new Uint8Array(bytes));
    const text = typeof policy === "string" ? policy : JSON.stringify(policy);
    const taps: Tap[] = [];
    const observe = (): Tap => {
      const tap = new Tap();
      taps.push(tap);
      return tap;
    };
    try {
      return new SmtpInspector(loadJudge(module, text, observe), taps);
    } catch (error) {
      if (!(error instanceof ConfigurationRefused)) throw error;
      throw new PolicyRefused(error.message, { cause: error });
    }
  }

  /** Begins a session; the caller speaks for both sides. */
  connect(ends: Ends = {}): Conversation {
    return this.#open("", ends);
  }

  /**
   * Plays the one conversation of a transcript: lines with `C: ` and `S: ` before what each side says (each ends in CRLF),
   * with the escapes and marks of the project's own test cases, or the output of swaks.
   * @throws Error with the line, when it cannot be read; also when there are several: `playAll` is for those
   */
  play(transcript: string, ends: Ends = {}): Session {
    const sessions = this.playAll(transcript, ends);
    const [session] = sessions;
    if (session === undefined || sessions.length > 1)
      throw new Error(`this transcript has ${sessions.length} conversations: play them with playAll`);
    return session;
  }

  /** Plays every conversation of a transcript, such as a Markdown page with `smtp` blocks. @throws Error as `play` */
  playAll(transcript: string, ends: Ends = {}): Session[] {
    return conversationsIn(transcript, "transcript").map(({ title, lines }) => {
      const played = this.#open(title, ends);
      for (const { from, bytes, end, startsTls } of spokenIn(lines)) {
        if (startsTls === true) played.startTls(from);
        else if (end) played.ends(from);
        else played[from](bytes);
      }
      return played.finish();
    });
  }

  /** Statistics by their names in the filter, such as "smtp.default.sessions", without Envoy's "wasmcustom." before them. */
  get statistics(): Map<string, number> {
    return new Map([...this.#judge.plugin.metrics].map(([name, { value }]) => [name, value]));
  }

  /** Ends the filter as Envoy's exit does: open sessions are closed, and none can begin. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#judge.plugin.shutdown();
  }

  #open(title: string, { client = "192.0.2.10:40000", server = "192.0.2.25:25" }: Ends): Played {
    if (this.#isClosed) throw new Error("this SmtpInspector is closed: load another");
    const startNs = this.#judge.clock.nowNs();
    const player = this.#judge.open({ id: 0, title, client, server, startNs });
    return new Played(this.#judge, player, this.#taps.pop() as Tap);
  }
}
