/** What a report keeps of a session, however long it is: its first turns and findings. The rest is counted. */
import { text } from "./bytes.js";
import { KEPT } from "./dialogue.js";
import { keepsBack, shadowIn, verdictOf } from "./evidence.js";
import type { Finding, SessionReport, Turn } from "./model.js";

/** More than anybody will read. */
const MOST_TURNS = 20_000;
const MOST_FINDINGS = 20_000;
/** Bytes of all turns: room for 20,000 lines of a kilobyte, or for the start of 1900 messages. */
const MOST_HELD = 32 * 1024 * 1024;
/** Findings that are shown at one turn: message data can have one for each of its lines. */
const MOST_AT_TURN = 100;
/**
 * What things take in memory: a short session (7200 bytes), a turn without its bytes (some 500), a finding and its event, an entry of
 * a list with what it refers to; measured with Node 20 and rounded up.
 */
const COST = { session: 8192, turn: 512, finding: 512, event: 1024, place: 256 };

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
    const { turns, findings, turnsLeftOut, shadow, events } = this.report;
    const ofPlace = COST.place + (turnsLeftOut === 0 ? 0 : COST.turn + KEPT.line);
    const found = findings.length + (shadow?.findings.length ?? 0);
    const told = found * COST.finding + events.length * COST.event;
    const listed = turns.length * COST.turn + told + places * ofPlace;
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

  /**
   * @param turn where it was found
   * @param isShadow the policy's shadow would do it, and nothing is done
   * @param message the filter's own words
   */
  add(finding: Finding, turn: Turn, isShadow: boolean, message: string): void {
    const { events } = this.report;
    if (events.length < MOST_FINDINGS) events.push({ message, finding });
    if (isShadow) this.#addShadow(finding, turn);
    else this.#addFinding(finding, turn);
  }

  #addFinding(finding: Finding, turn: Turn): void {
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

  /** What the shadow would have done otherwise; it is counted in the session's summary, kept or not. */
  #addShadow(finding: Finding, turn: Turn): void {
    const shadow = (this.report.shadow ??= { verdict: "", count: 0, findings: [] });
    if (shadow.findings.length >= MOST_FINDINGS) return;
    shadow.findings.push(finding);
    if (turn.shadow.length < MOST_AT_TURN) turn.shadow.push(finding);
  }

  /** The session is over. @param summary the filter's record of it, as the access log gets it */
  close(summary: Uint8Array | undefined): void {
    this.report.verdict = verdictOf([...this.report.findings, ...this.#strongest]);
    this.report.record = summary === undefined ? "" : text(summary);
    const said = shadowIn(summary);
    if (said === null) return;
    const { findings } = this.report.shadow ?? { findings: [] };
    this.report.shadow = { verdict: said.verdict, count: said.findings, findings };
  }
}
