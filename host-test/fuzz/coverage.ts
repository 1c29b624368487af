/** What has been reached so far: counters of the module in steps, and kinds of findings. */

/** 1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128 and more: one more round of a loop is not new, twice as many are. */
const STEP_OF = new Uint8Array(256);
for (let count = 1; count < 256; count++) {
  const steps = [2, 3, 4, 8, 16, 32, 128].filter((from) => count >= from).length;
  STEP_OF[count] = 1 << steps;
}

/** A feature is `site * 8 + step`, or from `sites * 8` on the number of a kind of finding. */
export type Feature = number;

export class Coverage {
  /** Per site the set of steps seen. */
  readonly #seen: Uint8Array;
  readonly #kinds = new Map<string, Feature>();
  readonly #kindsSeen = new Set<Feature>();
  #sitesSeen = 0;
  #features = 0;

  constructor(private readonly sites: number) {
    this.#seen = new Uint8Array(sites);
  }

  /** Sites that were reached at least once. */
  get reached(): number {
    return this.#sitesSeen;
  }

  get features(): number {
    return this.#features;
  }

  /** Kinds of findings: protection, reason, action and phase. */
  get kinds(): number {
    return this.#kindsSeen.size;
  }

  /** Whether these have anything not seen before. Records nothing. */
  isNews(counters: Uint8Array, kinds: readonly string[]): boolean {
    for (let site = 0; site < counters.length; site++) {
      const count = counters[site] as number;
      if (count !== 0 && ((STEP_OF[count] as number) & ~(this.#seen[site] as number)) !== 0) return true;
    }
    return kinds.some((kind) => !this.#kindsSeen.has(this.#kind(kind)));
  }

  /** Records these. @returns what is new among them */
  add(counters: Uint8Array, kinds: readonly string[]): Feature[] {
    const fresh = this.featuresOf(counters, kinds).filter((feature) => !this.has(feature));
    for (const feature of fresh) {
      this.#features++;
      if (feature >= this.sites * 8) this.#kindsSeen.add(feature);
      else {
        const site = feature >> 3;
        if (this.#seen[site] === 0) this.#sitesSeen++;
        this.#seen[site] = (this.#seen[site] as number) | (1 << (feature & 7));
      }
    }
    return fresh;
  }

  has(feature: Feature): boolean {
    if (feature >= this.sites * 8) return this.#kindsSeen.has(feature);
    return ((this.#seen[feature >> 3] as number) & (1 << (feature & 7))) !== 0;
  }

  featuresOf(counters: Uint8Array, kinds: readonly string[]): Feature[] {
    const features: Feature[] = [];
    counters.forEach((count, site) => {
      if (count !== 0) features.push(site * 8 + Math.log2(STEP_OF[count] as number));
    });
    for (const kind of new Set(kinds)) features.push(this.#kind(kind));
    return [...new Set(features)];
  }

  /** Sites that were never reached. */
  missing(): number[] {
    return [...this.#seen.keys()].filter((site) => this.#seen[site] === 0);
  }

  /** The verb is left out: with it there are thousands, and the module's own branches distinguish verbs. */
  #kind(finding: string): Feature {
    const kind = finding.split(" ", 4).join(" ");
    let feature = this.#kinds.get(kind);
    if (feature === undefined) {
      feature = this.sites * 8 + this.#kinds.size;
      this.#kinds.set(kind, feature);
    }
    return feature;
  }
}
