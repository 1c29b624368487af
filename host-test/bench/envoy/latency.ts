/** How long a command waits for its reply while Envoy is half busy. */
import type { BenchOptions } from "../result.js";
import type { EnvoyLab } from "./lab.js";
import { type Load, PACED } from "./loads.js";
import type { Rows } from "./rows.js";

const PROFILES = ["recommended", "monitor", "strict"];
/** Seconds of a paced run: its p99 then rests on the slowest of thousands of commands. */
const SECONDS = { long: 6, short: 1 };

interface Latency {
  p50: number;
  p99: number;
}

/** Sends at half of the rate that plain `tcp_proxy` reaches with the same client, and adds ratios to plain. */
export async function benchLatency(lab: EnvoyLab, rows: Rows, options: BenchOptions): Promise<void> {
  const name = (setting: string, what: string): string => `${PACED.name}, ${setting}: command ${what}`;
  const profiles = PROFILES.filter((each) =>
    rows.wantsAny([name(each, "p50"), name(each, "p99"), name("plain", "p50"), name("plain", "p99")]),
  );
  if (profiles.length === 0) return;
  await lab.run("plain", PACED, PACED.first, options);
  const full = await lab.run("plain", PACED, PACED.first * 10, options);
  const rate = full.messages / full.seconds / 2;
  const messages = Math.round(rate * (options.short ? SECONDS.short : SECONDS.long));
  const paced: Load = { ...PACED, ...(PACED.plan === undefined ? {} : { plan: { ...PACED.plan, rate } }) };
  const run = async (setting: string): Promise<Latency> => {
    const { p50 = NaN, p99 = NaN } = await lab.run(setting, paced, messages, options);
    return { p50, p99 };
  };
  for (let pair = 0; pair < options.pairs; pair++) {
    options.progress(
      `envoy: ${PACED.name}, pair ${pair + 1} of ${options.pairs}, ${rate.toFixed(0)} messages/s`,
    );
    let before = await run("plain");
    for (const profile of profiles) {
      const own = await run(profile);
      const after = await run("plain");
      for (const what of ["p50", "p99"] as const) {
        const plain = (before[what] + after[what]) / 2;
        const bar = profile === "recommended" && what === "p99" ? { most: 1.1 } : {};
        rows.add(name(profile, what), "× plain", own[what] / plain, bar);
        rows.add(name("plain", what), "µs", plain);
      }
      before = after;
    }
  }
}
