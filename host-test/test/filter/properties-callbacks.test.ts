/** Laws 7 and 8: no input traps in any order of callbacks, and memory comes back. */
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { Connection } from "../../host/plugin.js";
import { bytes, cuts, parameters, pieces, TIMEOUT_MS } from "../support/arbitrary.js";
import { ReusedFilter } from "../support/arbitrary-filter.js";
import { RawModule, rawCalls, type RawCall } from "../support/arbitrary-raw.js";
import { clientSide } from "../support/arbitrary-client.js";
import { line, noise, smtpAlphabet } from "../support/grammar.js";

const POLICIES: Record<string, object> = {
  monitor: { profile: "monitor" },
  recommended: {},
  strict: { profile: "strict" },
  "strict, terminating in data": {
    profile: "strict",
    protections: { bare_newline_in_data: { action: "terminate" }, nul_in_data: { action: "terminate" } },
  },
};
const filters = Object.fromEntries(
  Object.entries(POLICIES).map(([name, policy]) => [name, new ReusedFilter(policy)]),
);
const policyNames = fc.constantFrom(...Object.keys(POLICIES));
afterAll(() => Object.values(filters).forEach((filter) => filter.stop()));

/** What may happen to one of three connections, or to all of Envoy. */
interface Happening {
  what:
    | "client"
    | "server"
    | "client reset"
    | "server reset"
    | "connect"
    | "tick"
    | "update"
    | "refused update"
    | "drain";
  which: number;
  text: string;
  end: boolean;
}

const spoken = fc.oneof(
  { weight: 4, arbitrary: line },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "220 mx\r\n",
      "250 ok\r\n",
      "354 go\r\n",
      "334 \r\n",
      "250-x\r\n250 STARTTLS\r\n",
    ),
  },
  smtpAlphabet,
  noise,
);
const EVENTS = [
  "client reset",
  "server reset",
  "connect",
  "tick",
  "update",
  "refused update",
  "drain",
] as const;
const happening: fc.Arbitrary<Happening> = fc.record({
  what: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom("client" as const, "server" as const) },
    fc.constantFrom(...EVENTS),
  ),
  which: fc.nat({ max: 2 }),
  text: spoken,
  end: fc.constantFrom(false, false, false, false, false, false, true),
});

/** Where a connection stands before anything happens to it: what the client and the server said in turn. */
const ENVELOPE = "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\n";
const EHLO = ["", "220 mx\r\n", "EHLO c\r\n", "250-mx\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 STARTTLS\r\n"];
const DATA = [...EHLO, `${ENVELOPE}DATA\r\n`, "250 ok\r\n250 ok\r\n354 go\r\n"];
const BEGINNINGS: string[][] = [
  [],
  EHLO,
  [...EHLO, ENVELOPE, "250 ok\r\n250 ok\r\n"],
  DATA,
  [...EHLO, `${ENVELOPE}BDAT 9 LAST\r\n`, "250 ok\r\n250 ok\r\n"],
  [...EHLO, "AUTH LOGIN\r\n", "334 \r\n"],
  [...EHLO, "STARTTLS\r\n", "220 go\r\n"],
];

/** Half of them in data, where most bytes mean something. */
const beginnings: fc.Arbitrary<string[]> = fc.constantFrom(...BEGINNINGS, ...BEGINNINGS.map(() => DATA));

function begin(connection: Connection, beginning: string[]): void {
  beginning.forEach((said, nth) => {
    if (nth % 2 === 0) connection.fromClient(bytes(said));
    else connection.fromServer(bytes(said));
  });
}

describe("nothing traps (law 7)", () => {
  test(
    "whatever happens to connections and policies, in whatever order",
    () => {
      const check = (name: string, beginning: string[], all: Happening[], cut: number[]): void => {
        const { plugin } = filters[name] as ReusedFilter;
        plugin.logs.length = 0;
        const open = [0, 1, 2].map(() => plugin.connect());
        open.forEach((connection) => begin(connection, beginning));
        const act = ({ what, which, text, end }: Happening): void => {
          if (what === "tick") plugin.tick();
          else if (what === "drain") plugin.drainOld();
          else if (what === "update") plugin.update(JSON.stringify(POLICIES[name]));
          else if (what === "refused update") plugin.update('{"profile":7}');
          else if (what === "client reset") open[which]?.clientReset();
          else if (what === "server reset") open[which]?.serverReset();
          else if (what === "connect") {
            open[which]?.clientReset();
            open[which] = plugin.connect();
          } else {
            const parts = pieces(text, cut);
            parts.forEach((part, at) => {
              const last = end && at + 1 === parts.length;
              if (what === "client") open[which]?.fromClient(bytes(part), last);
              else open[which]?.fromServer(bytes(part), last);
            });
          }
        };
        all.forEach(act);
        open.forEach((connection) => connection.clientReset());
        plugin.drainOld();
        expect(plugin.trapped).toBeNull();
        expect(plugin.metric("smtp.default.sessions_active")).toBe(0);
      };
      const all = fc.array(happening, { minLength: 1, maxLength: 30 });
      fc.assert(fc.property(policyNames, beginnings, all, cuts, check), parameters(800));
    },
    TIMEOUT_MS,
  );

  test(
    "whatever is called from outside, with whatever arguments and buffers",
    () => {
      const check = (calls: RawCall[]): void => {
        const module = new RawModule();
        for (const call of calls) module.call(call);
        expect(module.memoryBytes).toBeLessThanOrEqual(8 * 1024 * 1024);
      };
      fc.assert(fc.property(rawCalls, check), parameters(600));
    },
    TIMEOUT_MS,
  );
});

describe("memory comes back (law 8)", () => {
  for (const [name, policy] of Object.entries(POLICIES)) {
    test(
      `after thousands of connections, in ${name}`,
      () => {
        const filter = new ReusedFilter(policy);
        const { plugin } = filter;
        let most = 0;
        let cases = 0;
        // The first ones may make memory grow to what one connection needs, and as many must not make it grow again.
        const warm = 300;
        const check = (segments: { text: string }[], replies: string[], cut: number[]): void => {
          // A new second has a new allowance of events, but what is logged must not be kept here.
          plugin.logs.length = 0;
          const connection = plugin.connect({ sink: NOWHERE });
          connection.fromServer(bytes("220 mx\r\n"));
          segments.forEach((segment, nth) => {
            pieces(segment.text, cut).forEach((part) => connection.fromClient(bytes(part)));
            connection.fromServer(bytes(replies[nth % replies.length] ?? ""));
          });
          connection.clientReset();
          if (cases++ < warm) most = plugin.memoryBytes(0);
          expect(plugin.memoryBytes(0)).toBe(most);
        };
        const replies = fc.array(
          fc.constantFrom("250 ok\r\n", "250 ok\r\n250 ok\r\n354 go\r\n", "354 go\r\n", "334 \r\n", "550 n"),
          {
            minLength: 1,
            maxLength: 4,
          },
        );
        fc.assert(fc.property(clientSide, replies, cuts, check), {
          ...parameters(1500, Infinity, 2 * warm),
          endOnFailure: true,
        });
        expect(plugin.metric("smtp.default.sessions_active")).toBe(0);
        expect(plugin.metric("smtp.default.sessions")).toBeGreaterThan(warm);
        filter.stop();
      },
      TIMEOUT_MS,
    );
  }
});

/** Drops what passes. */
const NOWHERE = { toServer() {}, toClient() {}, endServer() {}, endClient() {}, close() {} };
