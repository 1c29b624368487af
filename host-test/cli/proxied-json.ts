/** Live sessions for programs: a JSON object for each finding when it is made, and one for each session at its end. */
import type { ConnectionObserver } from "../host/plugin.js";
import { endedBy } from "../workbench/ends.js";
import { eventIn } from "../workbench/evidence.js";

export class JsonSession implements ConnectionObserver {
  #findings = 0;
  readonly #actions = new Set<string>();

  /**
   * @param id number of the session, from 1
   * @param client "ip:port"
   * @param tell gets each object
   * @param ended is told how many findings there were
   */
  constructor(
    private readonly id: number,
    private readonly client: string | undefined,
    private readonly tell: (value: object) => void,
    private readonly ended: (findings: number) => void,
  ) {}

  logs(message: string): void {
    const event = eventIn(message);
    if (event === null) return;
    this.tell({ session: this.id, ...event });
    if (event.shadow === true) return;
    this.#findings++;
    this.#actions.add(event.action);
  }

  closes(reason: string): void {
    const findings = this.#findings;
    const verdict = this.#verdict();
    this.tell({ session: this.id, client: this.client ?? null, verdict, findings, ended: endedBy(reason) });
    this.ended(findings);
  }

  /** As the access log has it. */
  #verdict(): string {
    if (this.#actions.has("terminate")) return "terminated";
    if (this.#actions.size === 0) return "clean";
    return this.#actions.size === 1 && this.#actions.has("detect") ? "detected" : "prevented";
  }

  said(): void {}
  goesTo(): void {}
  startsTls(): void {}
  settled(): void {}
}
