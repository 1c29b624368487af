/** A shadow never acts: without it each side gets the same bytes, and the live policy finds the same, whatever both are. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { cuts, parameters, TIMEOUT_MS, type Cut } from "../support/arbitrary.js";
import { clientSide } from "../support/arbitrary-client.js";
import { ReusedFilter, type Dialogue, type Outcome, type Speech } from "../support/arbitrary-filter.js";
import { policies } from "../support/arbitrary-policy.js";
import { honest, strange } from "../support/arbitrary-server.js";
import { speeches } from "../support/arbitrary-speech.js";

/** All that anybody but the reader of the shadow can see. */
function seen({ live, toServer, toClient, serverEnded, clientEnded, closed, summary }: Outcome): object {
  const rest = JSON.parse(summary) as { shadow?: unknown };
  delete rest.shadow;
  return { live, toServer, toClient, serverEnded, clientEnded, closed, summary: rest };
}

interface Case {
  live: object;
  shadow: object;
  scripts: Speech[][];
  dialogues: Dialogue[];
  cut: Cut;
}

const cases: fc.Arbitrary<Case> = fc.record({
  live: policies,
  shadow: policies,
  scripts: fc.array(speeches, { maxLength: 6 }),
  dialogues: fc.array(
    fc.record({
      client: clientSide,
      habits: fc.oneof(honest, strange),
      end: fc.constantFrom("with", "after", "never"),
    }),
    { maxLength: 4 },
  ),
  cut: fc.oneof(cuts, fc.constantFrom("whole" as const, "bytes" as const)),
});

test(
  "bytes and live findings are the same with and without a shadow",
  () => {
    fc.assert(
      fc.property(cases, ({ live, shadow, scripts, dialogues, cut }) => {
        const alone = new ReusedFilter(live);
        const watched = new ReusedFilter({ ...live, shadow });
        try {
          for (const all of scripts)
            expect(seen(watched.script(all, cut))).toEqual(seen(alone.script(all, cut)));
          for (const all of dialogues) {
            expect(seen(watched.dialogue(all, cut))).toEqual(seen(alone.dialogue(all, cut)));
          }
        } finally {
          alone.stop();
          watched.stop();
        }
      }),
      parameters(60, 3000),
    );
  },
  TIMEOUT_MS,
);
