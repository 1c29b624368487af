/** Of any traffic, `tune` makes a policy that leaves it alone, and that could not be stricter. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../../cli/front.js";
import type { Causes } from "../../cli/tune-causes.js";
import { WrittenPolicy } from "../../cli/tune-policy.js";
import { type Checked, checked, type PlayAll, watched } from "../../cli/tune-rounds.js";
import type { Follower } from "../../workbench/follower.js";
import type { Judge } from "../../workbench/judge.js";
import type { SessionReport } from "../../workbench/model.js";
import { loadJudge } from "../../workbench/sessions.js";
import { bytes, parameters } from "../support/arbitrary.js";
import { clientSide, type Segment } from "../support/arbitrary-client.js";
import { type Habits, honest, Server, strange } from "../support/arbitrary-server.js";

const module = new WebAssembly.Module(readFileSync(join(projectRoot(), "build/smtp-inspector.wasm")));
const load = (policy: string): Judge => loadJudge(module, policy);

/** Each case loads the filter half a dozen times: a fifth of a second, more on a busy machine. */
const TIME = 600_000;

interface Talk {
  client: Segment[];
  habits: Habits;
  /** Whose session it is. */
  host: number;
}

/** What both sides say where nothing is between them, a segment after the other. */
function spoken({ client, habits }: Talk): ["client" | "server", string][] {
  const server = new Server(habits);
  const all: ["client" | "server", string][] = [["server", habits.greeting]];
  let due = "";
  for (const { text, answered } of client) {
    all.push(["client", text]);
    due += server.receive(text);
    if (!answered || due === "") continue;
    all.push(["server", due]);
    due = "";
  }
  if (due !== "") all.push(["server", due]);
  return all;
}

const playerOf =
  (talks: readonly Talk[]): PlayAll =>
  async <T>(follower: Follower<T>, tell: (result: T, file: string) => void) => {
    talks.forEach((talk, id) => {
      const client = `192.0.2.${talk.host}:40000`;
      const session = follower.open({ id, title: "", client, server: "192.0.2.25:25", startNs: 0n });
      let time = 0n;
      for (const [side, said] of spoken(talk)) session.say(side, bytes(said), (time += 1_000_000n));
      session.end("client", "fin", (time += 1_000_000n));
      tell(session.finish(time), "generated");
    });
  };

async function tunedTo(base: WrittenPolicy, playAll: PlayAll): Promise<Checked & { causes: Causes }> {
  const { causes } = await watched(base, load(base.watching()), playAll);
  const none: ReadonlySet<string> = new Set();
  return { causes, ...(await checked({ base, causes, logged: none, unseen: none }, load, playAll)) };
}

/** "protection/reason" of what a policy prevents in the traffic. */
async function preventedUnder(policy: object, playAll: PlayAll): Promise<string[]> {
  const found: string[] = [];
  await playAll<SessionReport>(load(JSON.stringify(policy)), ({ findings }) => {
    for (const { action, protection, reason } of findings) {
      if (action !== "detect") found.push(`${protection}/${reason}`);
    }
  });
  return found;
}

const talk: fc.Arbitrary<Talk> = fc.record({
  client: clientSide,
  habits: fc.oneof(honest, honest, strange),
  host: fc.integer({ min: 1, max: 4 }),
});
const traffic = fc.array(talk, { minLength: 1, maxLength: 6 });
const profile = fc.constantFrom("strict", "strict", "recommended", "submission");

describe("tune", () => {
  test(
    "the same traffic under the result: nothing is prevented",
    async () => {
      let relaxed = 0;
      await fc.assert(
        fc.asyncProperty(traffic, profile, async (talks, from) => {
          const playAll = playerOf(talks);
          const { tuned } = await tunedTo(new WrittenPolicy(JSON.stringify({ profile: from })), playAll);
          expect(await preventedUnder(tuned.json, playAll)).toEqual([]);
          if (tuned.relaxed.length > 0 && tuned.prevented.length > 0) relaxed++;
        }),
        parameters(40, 400),
      );
      // The generators make what there is something to do about.
      expect(relaxed).toBeGreaterThan(0);
    },
    TIME,
  );

  test(
    "any reason that was relaxed, prevented again, prevents something",
    async () => {
      await fc.assert(
        fc.asyncProperty(traffic, async (talks) => {
          const playAll = playerOf(talks);
          const base = new WrittenPolicy('{"profile":"strict"}');
          const { tuned } = await tunedTo(base, playAll);
          if (tuned.unreadable.length > 0) return;
          const kept = tuned.json["protections"] as Record<string, object | string> | undefined;
          for (const { id, detected } of tuned.relaxed) {
            for (const reason of detected) {
              const others = detected.filter((each) => each !== reason);
              const reasons = Object.fromEntries(others.map((each) => [each, "detect"]));
              const before = kept?.[id];
              const exempt = typeof before === "object" ? before : {};
              const value = { ...exempt, mode: "prevent", reasons };
              const policy = { ...tuned.json, protections: { ...kept, [id]: value } };
              expect(await preventedUnder(policy, playAll), `${id}/${reason}`).not.toEqual([]);
            }
          }
        }),
        parameters(10, 100),
      );
    },
    TIME,
  );
});
