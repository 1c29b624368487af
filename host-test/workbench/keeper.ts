/** What a report keeps of a session, however long it is: its first turns and findings. The rest is counted. */
import { KEPT } from "./dialogue.js";
import { keepsBack, verdictOf } from "./evidence.js";
import type { Finding, SessionReport, Turn } from "./model.js";

/** More than anybody will read. */
const MOST_TURNS = 20_000;
const MOST_FINDINGS = 20_000;
/** Bytes of all turns: room for 20,000 lines of a kilobyte, or for the start of 1900 messages. */
const MOST_HELD = 32 * 1024 * 1024;
/** Findings that are shown at one turn: message data can have one for each of its lines. */
const MOST_AT_TURN = 100;
/**
 * What things take in memory: a short session (7200 bytes), a turn without its bytes (some 500), a finding, an entry of
 * a list with what it refers to; measured with Node 20 and rounded up.
 */
const COST = { session: 8192, turn: 512, finding: 512, place: 256 };

/** Fills a report. */
export class Keeper {
  /** Bytes of turns that no longer grow. */
  #bytes = 0;
  /** The last turn of each speaker. */
  readonly #growing = new Map<string, Turn>();
  /** The strongest of the findings that were left out. */
  #strongest: Finding[] = [];

  constructor(private readonly report: SessionReport) {}

  /**
   * About how many bytes the session takes.
   * @param places entries in the lists of those who follow it; turns that the report leaves out are only there
   */
  held(places: number): number {
    const { turns, findings, turnsLeftOut } = this.report;
    const ofPlace = COST.place + (turnsLeftOut === 0 ? 0 : COST.turn + KEPT.line);
    const listed = turns.length * COST.turn + findings.length * COST.finding + places * ofPlace;
    let growing = 0;
    for (const turn of this.#growing.values()) growing += turn.bytes.length;
    return COST.session + listed + this.#bytes + growing;
  }

  /** @param before the turn that it stands before; else it is the last */
  addTurn(turn: Turn, before?: Turn): void {
    const { turns } = this.report;
    if (turns.length >= MOST_TURNS || this.#bytes >= MOST_HELD) {
      this.report.turnsLeftOut++;
      return;
    }
    const at = before === undefined ? -1 : turns.lastIndexOf(before);
    turns.splice(at < 0 ? turns.length : at, 0, turn);
    const voice = `${turn.from} ${turn.offset === null}`;
    this.#bytes += this.#growing.get(voice)?.bytes.length ?? 0;
    this.#growing.set(voice, turn);
  }

  /** @param turn where it was found */
  addFinding(finding: Finding, turn: Turn): void {
    const { findings } = this.report;
    const isLeftOut = findings.length >= MOST_FINDINGS;
    // Whether a turn was withheld decides how the answer to it is treated.
    if (
      (!isLeftOut && turn.findings.length < MOST_AT_TURN) ||
      (keepsBack(finding) && !turn.findings.some(keepsBack))
    ) {
      turn.findings.push(finding);
    }
    if (!isLeftOut) {
      findings.push(finding);
      return;
    }
    this.report.findingsLeftOut++;
    const before = verdictOf(this.#strongest);
    if (before === "clean" || verdictOf([...this.#strongest, finding]) !== before)
      this.#strongest = [finding];
  }

  /** As the access log has it. */
  get verdict(): string {
    return verdictOf([...this.report.findings, ...this.#strongest]);
  }
}
