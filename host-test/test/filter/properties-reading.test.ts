/** Laws 5 and 6: what reaches the server has one reading, and each command of a client gets its own reply. */
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { cuts, parameters, TIMEOUT_MS, type Cut } from "../support/arbitrary.js";
import { ReusedFilter, type Dialogue } from "../support/arbitrary-filter.js";
import { honest } from "../support/arbitrary-server.js";
import { clientSide } from "../support/arbitrary-client.js";
import type { Fault } from "../support/strict-reader.js";

const anyCut: fc.Arbitrary<Cut> = fc.oneof(fc.constantFrom<Cut>("whole", "bytes"), cuts);
const dialogues: fc.Arbitrary<Dialogue> = fc.record({
  client: clientSide,
  habits: honest,
  end: fc.constantFrom("with", "after", "never", "never"),
});

/** What the catalogue's defaults only report; `strict` prevents it. */
const TOLD_IN_RECOMMENDED: Fault[] = [
  "bare newline in command",
  "tab",
  "out of sequence",
  "chunks and DATA mixed",
  "response",
  "bare newline in data",
  "NUL in data",
  "STARTTLS",
];

const POLICIES: Record<string, { policy: object; told: Fault[] }> = {
  recommended: { policy: {}, told: TOLD_IN_RECOMMENDED },
  strict: { policy: { profile: "strict" }, told: [] },
};

describe("one reading (law 5)", () => {
  for (const [name, { policy, told }] of Object.entries(POLICIES)) {
    const filter = new ReusedFilter(policy);
    afterAll(() => filter.stop());
    test(
      `a strict server finds nothing wrong, and the messages that were counted, in ${name}`,
      () => {
        const check = (dialogue: Dialogue, cut: Cut): void => {
          const messages = (): number => filter.plugin.metric("smtp.default.messages") ?? 0;
          const before = messages();
          const { server, summary } = filter.dialogue(dialogue, cut);
          const faults = [...server.reader.faults].filter(([fault]) => !told.includes(fault));
          expect(faults).toEqual([]);
          expect(Number(/"messages":(\d+)/.exec(summary)?.[1])).toBe(server.reader.accepted);
          if (filter.plugin.metric("smtp.default.sessions") !== 1)
            expect(messages() - before).toBe(server.reader.accepted);
        };
        fc.assert(fc.property(dialogues, anyCut, check), parameters(1200));
      },
      TIMEOUT_MS,
    );
  }
});

/** One of the filter's own replies. */
const OWN = /^5\d\d [\d.]+ [a-z_]+: rejected by policy$/;

describe("neighbours are untouched (law 6)", () => {
  const filter = new ReusedFilter({});
  afterAll(() => filter.stop());
  const refused = fc.constantFrom("XADR", "X-EXPS", "RCPT TO:<root>", "HELP \x01", "X-LINK2STATE");
  const passed = fc.constantFrom("RSET", "RCPT TO:<a@example.org>", "HELP", "MAIL FROM:<a@example.org>");
  const command = fc.oneof(
    refused.map((text) => ({ text, kept: true })),
    passed.map((text) => ({ text, kept: false })),
  );
  test(
    "each command of a pipelined group has its reply in its place, refused or not",
    () => {
      const check = (all: { text: string; kept: boolean }[], cut: Cut): void => {
        const client = [{ text: "EHLO c\r\n", answered: true }];
        client.push({ text: all.map(({ text }) => `${text}\r\n`).join(""), answered: true });
        // The server numbers what reaches it.
        const answers = ["right", ...all.map((_, nth) => `250 ${nth}\r\n`)];
        const habits = { greeting: "220 mx\r\n", capabilities: ["PIPELINING"], answers };
        const { toClient, server } = filter.dialogue({ client, habits, end: "never" }, cut);
        const replies = toClient.split("\r\n").slice(3, -1);
        let number = 0;
        expect(replies.map((reply) => (OWN.test(reply) ? "own" : reply))).toEqual(
          all.map(({ kept }) => (kept ? "own" : `250 ${number++}`)),
        );
        const reached = all.flatMap(({ text, kept }) => (kept ? [] : [`${text}\r\n`])).join("");
        expect(server.reader.record).toBe(`EHLO c\r\n${reached}`);
      };
      const group = fc.array(command, { minLength: 1, maxLength: 12 });
      fc.assert(fc.property(group, anyCut, check), parameters(600));
    },
    TIMEOUT_MS,
  );
});

describe("no credential is logged", () => {
  const SECRETS = ["dTBzZWNyZXQ=", "cDRzc3dvcmQ=", "AHUAcDRzc3c=", "dG9rZW4tMTIz"];
  const secret = fc.constantFrom(...SECRETS);
  const command = fc.constantFrom(
    "AUTH LOGIN",
    "AUTH PLAIN",
    "auth  Plain",
    "AUTH\tLOGIN",
    " AUTH XOAUTH2",
    "X-EXPS NTLM",
    "XAUTH LOGIN",
    "AUTH PLAIN\0",
  );
  const lineEnd = fc.constantFrom("\r\n", "\r\n", "\r\n", "\n", "\r\r\n");
  const exchange = fc
    .tuple(
      command,
      fc.boolean(),
      fc.array(fc.tuple(secret, fc.constantFrom("", "", "!", "\0", "\xff", "=".repeat(600)), lineEnd), {
        maxLength: 3,
      }),
      secret,
    )
    .map(([verb, initial, responses, first]) => [
      `${verb}${initial ? ` ${first}` : ""}\r\n`,
      ...responses.map(([token, spoiled, end]) => `${token}${spoiled}${end}`),
    ]);
  const sessions = fc.tuple(
    exchange,
    fc.boolean(),
    honest,
    fc.constantFrom({ profile: "monitor" }, { profile: "recommended" }, { profile: "strict" }),
  );
  const filters = new Map<string, ReusedFilter>();
  afterAll(() => filters.forEach((filter) => filter.stop()));
  test(
    "whatever the client does amid AUTH, with excerpts in full",
    () => {
      const check = (
        [lines, pipelined, habits, policy]: [string[], boolean, Dialogue["habits"], { profile: string }],
        cut: Cut,
      ): void => {
        const filter = filters.get(policy.profile) ?? new ReusedFilter(policy);
        filters.set(policy.profile, filter);
        const texts = pipelined ? [lines.join("")] : lines;
        const client = ["EHLO c\r\n", ...texts].map((text) => ({ text, answered: true }));
        filter.dialogue({ client, habits, end: "after" }, cut);
        const said = filter.plugin.logs
          .map(({ message }) => message)
          .filter((message) => SECRETS.some((token) => message.includes(token)));
        expect(said).toEqual([]);
      };
      fc.assert(fc.property(sessions, anyCut, check), parameters(1000));
    },
    TIMEOUT_MS,
  );
});
