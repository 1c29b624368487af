/** Rows that get one sample per pair. */
import { type Measurement, wanted } from "../result.js";

/** What a row says besides its samples. */
type About = Pick<Measurement, "most" | "least" | "note">;

export class Rows {
  readonly #rows = new Map<string, Measurement>();

  constructor(
    private readonly only: string | undefined,
    private readonly group: Measurement["group"] = "envoy",
  ) {}

  /** Adds a sample to the row of that name, if it was asked for. */
  add(name: string, unit: string, sample: number, about: About = {}): void {
    if (!wanted(name, this.only)) return;
    const row = this.#rows.get(name);
    if (row === undefined)
      this.#rows.set(name, { group: this.group, name, unit, samples: [sample], ...about });
    else {
      row.samples.push(sample);
      if (about.note !== undefined) row.note = about.note;
    }
  }

  /** Whether one of these rows was asked for. */
  wantsAny(names: string[]): boolean {
    return names.some((name) => wanted(name, this.only));
  }

  /** All rows, in the order of their first samples. */
  all(): Measurement[] {
    return [...this.#rows.values()];
  }
}
