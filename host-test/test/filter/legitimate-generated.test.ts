/** Ten thousand generated legitimate sessions of each kind: the profile that is for them finds nothing and changes no byte. */
import { expect, test } from "vitest";
import { ManualClock } from "../../host/clock.js";
import { Plugin } from "../../host/plugin.js";
import { bytes, text } from "../support/arbitrary.js";
import { Dice } from "../support/dice.js";
import { type Legitimate, legitimateSession, submission } from "../support/legitimate-sessions.js";
import { wasmModule } from "../support/vector-node.js";

const SESSIONS = 10_000;
const TIME = 600_000;
/** More tell nothing more. */
const SHOWN = 10;

/** One policy, for many sessions. */
class Filter {
  readonly #clock = new ManualClock();
  readonly #plugin: Plugin;
  #events: string[] = [];

  constructor(policy: object) {
    const configuration = JSON.stringify({ ...policy, events: { max_per_second: 10_000 } });
    this.#plugin = Plugin.load(wasmModule(), { configuration, clock: this.#clock });
    this.#plugin.onLog = ({ message }) => {
      const { protection, reason, excerpt } = JSON.parse(message) as Record<string, string>;
      this.#events.push(`${protection}/${reason} ${excerpt}`);
    };
  }

  /** Plays a session in segments of any size. @returns what was found or changed, a line each */
  faults({ said }: Legitimate, dice: Dice, options: { tlsVersion?: string } = {}): string[] {
    this.#events = [];
    this.#clock.advance(2000);
    const connection = this.#plugin.connect(options);
    const sent = { client: "", server: "" };
    for (const [side, whole] of said) {
      sent[side] += whole;
      for (const part of cut(whole, dice)) {
        if (side === "client") connection.fromClient(bytes(part));
        else connection.fromServer(bytes(part));
      }
    }
    const faults = [...this.#events];
    if (text(connection.toServer) !== sent.client) faults.push("the server gets other bytes");
    if (text(connection.toClient) !== sent.server) faults.push("the client gets other bytes");
    connection.clientReset();
    const summary = connection.filterState.get("wasm.smtp_inspector");
    if (summary !== undefined && !text(summary).includes(',"verdict":"clean",'))
      faults.push("its verdict is not clean");
    return faults;
  }
}

/** In one, two or three segments. */
function cut(whole: string, dice: Dice): string[] {
  const count = dice.once(3) ? 1 + dice.below(2) : 0;
  const places = Array.from({ length: count }, () => dice.below(whole.length + 1)).sort(
    (one, other) => one - other,
  );
  return [0, ...places]
    .map((from, at) => whole.slice(from, places[at] ?? whole.length))
    .filter((part) => part !== "");
}

/** Plays the sessions of a generator. */
function play(policy: object, of: (seed: number) => Legitimate, options: { tlsVersion?: string }) {
  const filter = new Filter(policy);
  const servers = new Map<string, number>();
  const found: string[] = [];
  for (let seed = 0; seed < SESSIONS && found.length < SHOWN; seed++) {
    const session = of(seed);
    servers.set(session.server, (servers.get(session.server) ?? 0) + 1);
    for (const fault of filter.faults(session, new Dice(seed), options))
      found.push(`session ${seed} (${session.server}): ${fault}`);
  }
  return { found, servers };
}

test(
  "recommended finds nothing in mail between servers, and every byte arrives",
  () => {
    const { found, servers } = play({ profile: "recommended" }, legitimateSession, {});
    expect(found).toEqual([]);
    expect([...servers.keys()].sort()).toEqual(["Exchange", "Exim", "Gmail", "Postfix", "without ESMTP"]);
    expect(Math.min(...servers.values())).toBeGreaterThan(1000);
  },
  TIME,
);

test(
  "submission finds nothing in what mail programs send inside TLS",
  () => {
    const { found, servers } = play({ profile: "submission" }, submission, { tlsVersion: "TLSv1.3" });
    expect(found).toEqual([]);
    expect(Math.min(...servers.values())).toBeGreaterThan(1000);
  },
  TIME,
);
