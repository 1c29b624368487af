/** Laws 1 and 2: detect is invisible, and cuts do not matter. */
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { cuts, parameters, TIMEOUT_MS, type Cut } from "../support/arbitrary.js";
import { ReusedFilter, type Dialogue, type Outcome, type Speech } from "../support/arbitrary-filter.js";
import { honest, strange, type Server } from "../support/arbitrary-server.js";
import { clientSide } from "../support/arbitrary-client.js";
import { speeches } from "../support/arbitrary-speech.js";

const sentBy = (all: Speech[], side: Speech["side"]): string =>
  all.flatMap((speech) => (speech.side === side ? [speech.text] : [])).join("");

const monitor = new ReusedFilter({ profile: "monitor" });
const shadowed = new ReusedFilter({ profile: "monitor", shadow: { profile: "strict" } });
afterAll(() => {
  monitor.stop();
  shadowed.stop();
});

describe.each([
  ["without a shadow", monitor],
  ["with a shadow that would prevent", shadowed],
])("detect is invisible (law 1), %s", (_, filter) => {
  test(
    "whatever both sides say, in whatever order and pieces",
    () => {
      const check = (all: Speech[], cut: Cut): void => {
        const outcome = filter.script(all, cut);
        const ends = (side: Speech["side"]): boolean =>
          all.some((speech) => speech.side === side && speech.end);
        expect({ ...outcome, findings: [], live: [], summary: "" }).toEqual({
          findings: [],
          live: [],
          summary: "",
          toServer: sentBy(all, "client"),
          toClient: sentBy(all, "server"),
          serverEnded: ends("client"),
          clientEnded: ends("server"),
          closed: ends("client") && ends("server") ? "ended" : null,
        });
      };
      fc.assert(fc.property(speeches, fc.oneof(fc.constant<Cut>("bytes"), cuts), check), parameters(1500));
    },
    TIMEOUT_MS,
  );
});

describe("cuts do not matter (law 2)", () => {
  test.each([
    ["in detect", monitor],
    ["in detect with a shadow", shadowed],
  ])(
    "where both sides say anything at any time, %s",
    (_, filter) => {
      const check = (all: Speech[], cut: number[]): void => {
        const whole = filter.script(all, "whole");
        expect(filter.script(all, cut)).toEqual(whole);
        expect(filter.script(all, "bytes")).toEqual(whole);
      };
      fc.assert(fc.property(speeches, cuts, check), parameters(700));
    },
    TIMEOUT_MS,
  );

  const policies: Record<string, object> = {
    monitor: { profile: "monitor" },
    recommended: { profile: "recommended" },
    strict: { profile: "strict" },
    "recommended, normalizing": {
      protections: { bare_newline_in_data: "prevent", nul_in_data: "prevent", starttls_command: "prevent" },
    },
    "strict, terminating": {
      profile: "strict",
      protections: {
        nul_in_data: { action: "terminate" },
        private_command: { action: "terminate" },
        recipient_no_domain: { action: "terminate" },
        starttls_command: { action: "terminate" },
        bare_newline_in_data: { action: "terminate" },
      },
    },
    "recommended, with a shadow": { shadow: { profile: "strict", limits: { rejected_commands: 1 } } },
    "strict, rejecting": { profile: "strict", protections: { non_compliant_smtp: { action: "reject" } } },
  };
  for (const [name, policy] of Object.entries(policies)) {
    test(
      `where the server answers, in ${name}`,
      () => {
        const filter = new ReusedFilter(policy);
        const edits = name !== "monitor";
        const run = (dialogue: Dialogue, cut: Cut): Compared =>
          compared(filter.dialogue(dialogue, cut), edits);
        const check = (dialogue: Dialogue, cut: number[]): void => {
          const whole = run(dialogue, "whole");
          for (const each of [cut, "bytes" as const]) {
            const other = run(dialogue, each);
            if (isCutOff(whole, other)) other.toClient = whole.toClient;
            expect(other).toEqual(whole);
          }
        };
        const dialogues = fc.record({
          client: clientSide,
          habits: fc.oneof(honest, strange),
          // An end of stream goes on with the bytes that it came with: what a filter that holds bytes can still do
          // about them depends on whether it came with them.
          end: fc.constantFrom<Dialogue["end"]>("after", "never", edits ? "after" : "with"),
        });
        fc.assert(fc.property(dialogues, cuts, check), parameters(250));
        filter.stop();
      },
      TIMEOUT_MS,
    );
  }
});

/** An outcome without what a cut may change where bytes are edited: stand-ins for withheld commands. */
type Compared = Omit<Outcome, "serverEnded"> & { ended: boolean };

function compared({ server, ...all }: Outcome & { server: Server }, edits: boolean): Compared {
  const { serverEnded, clientEnded, ...outcome } = all;
  // Whether the client's end of stream still reaches a server that is being left means nothing, nor whether the
  // server's reaches a client whose connection is closed then.
  const ended = outcome.summary.includes("terminated") || serverEnded;
  const closed = outcome.closed?.startsWith("wasm_") ?? false;
  return {
    ...outcome,
    ended,
    clientEnded: closed || clientEnded,
    toServer: edits ? server.reader.record + server.reader.rest : outcome.toServer,
  };
}

/** Where the connection is cut off, a reply of the filter's own is told only if the answer to a stand-in carried it. */
function isCutOff(one: Compared, other: Compared): boolean {
  if (one.closed === null || !one.closed.startsWith("wasm_")) return false;
  return one.toClient.startsWith(other.toClient) || other.toClient.startsWith(one.toClient);
}
