/**
 * What a log shows of addresses (`events.addresses`): nothing but `full` lets one through, whether it stands in the
 * envelope, in the line that a finding is about, in a name kept for later events, or in a reply that repeats it.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Plugin } from "../../host/plugin.js";
import { alertOf } from "../../workbench/events.js";
import { parameters, TIMEOUT_MS } from "../support/arbitrary.js";
import { wasmModule } from "../support/vector-node.js";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const KEY = "000102030405060708090a0b0c0d0e0f";
const GREETED = ["S: 220 mx\r\n", "C: EHLO c.example\r\n", "S: 250-mx\r\n250 PIPELINING\r\n"];

/** Everything that the filter writes about a session: its events and its record, a line each. */
function written(events: object, speeches: readonly string[], profile = "monitor"): string[] {
  const configuration = JSON.stringify({ profile, events: { max_per_second: 10_000, ...events } });
  const plugin = Plugin.load(wasmModule(), { configuration });
  const connection = plugin.connect();
  for (const speech of speeches) {
    if (speech.startsWith("C: ")) connection.fromClient(bytes(speech.slice(3)));
    else connection.fromServer(bytes(speech.slice(3)));
  }
  connection.clientReset();
  const lines = plugin.logs.map(({ message }) => message);
  const summary = [...connection.filterState.values()].map((each) => Buffer.from(each).toString());
  plugin.shutdown();
  return [...lines, ...summary];
}

/** The names in the last event, about XADR, after a transaction of these paths. */
function names(events: object, from: string, to: string): unknown {
  const speeches = [`C: MAIL FROM:${from}\r\n`, "S: 250 ok\r\n", `C: RCPT TO:${to}\r\n`, "S: 250 ok\r\n"];
  const lines = written(events, [...GREETED, ...speeches, "C: XADR\r\n", "S: 500 what\r\n"]);
  const event = lines.findLast((line) => line.includes('"protection":"private_command"')) ?? "{}";
  return (JSON.parse(event) as { smtp?: unknown }).smtp;
}

describe("the envelope", () => {
  const from = "<Alice.Liddell@Example.org>";
  const to = "<bob@x.org>";

  test("is shown in full by default", () => {
    expect(names({}, from, to)).toEqual({
      helo: "c.example",
      mail_from: "Alice.Liddell@Example.org",
      rcpt_to: ["bob@x.org"],
    });
  });

  test("by domain: what is after the @", () => {
    expect(names({ addresses: "domain" }, from, to)).toEqual({
      helo: "c.example",
      mail_from: "Example.org",
      rcpt_to: ["x.org"],
    });
  });

  // printf alice.liddell@example.org | openssl mac -macopt hexkey:$KEY -macopt size:8 SIPHASH
  test("hashed: SipHash-2-4 of the address in lower case", () => {
    expect(names({ addresses: "hashed", address_key: KEY }, from, to)).toEqual({
      helo: "c.example",
      mail_from: "f8fb752a094253f4",
      rcpt_to: ["fb0fd5da1da489ac"],
    });
    expect(
      names({ addresses: "hashed", address_key: KEY.toUpperCase() }, "<root>", "<postmaster@example.net>"),
    ).toEqual({
      helo: "c.example",
      mail_from: "31c16bbaa1bc24fe",
      rcpt_to: ["b15c9456aa65ca61"],
    });
  });

  test("hashed without a key: under a key of zeros", () => {
    expect(names({ addresses: "hashed" }, from, to)).toMatchObject({
      mail_from: "8fb2b5207e67df17",
      rcpt_to: ["47130d44ec5efdc8"],
    });
  });

  test("none: it is left out", () => {
    expect(names({ addresses: "none" }, from, to)).toEqual({ helo: "c.example" });
  });

  test.each([
    ["domain", { helo: "c.example", mail_from: "" }],
    ["hashed", { helo: "c.example", mail_from: "", rcpt_to: ["fea4b4c2def4318f"] }],
  ])("%s: a bounce is one still, and a name without a domain has none", (addresses, smtp) => {
    expect(names({ addresses }, "<>", "<root>")).toEqual(smtp);
  });

  test.each([
    ['<"opensesame@home"@x.org>', "x.org"],
    ["<@relay.example:opensesame@x.org>", "x.org"],
    ["<opensesame%y.org@x.org>", "x.org"],
    ["<a@[IPv6:2001:db8::1]>", "[IPv6:2001:db8::1]"],
    ["<a@x.org:opensesame;>", "x.org"],
    ["<opensesame@y.org <a@x.org>", "x.org"],
    ["<a@x.org (opensesame@y.org)>", "x.org"],
  ])("domain: of %s it is %s", (path, domain) => {
    expect(names({ addresses: "domain" }, "<>", path)).toMatchObject({ rcpt_to: [domain] });
  });

  test.each(['<"opensesame@home">', "<opensesame\\@x.org>", "<(a@opensesame)>"])(
    "domain: %s has none",
    (path) => {
      expect(JSON.stringify(names({ addresses: "domain" }, "<>", path))).toBe(
        '{"helo":"c.example","mail_from":""}',
      );
    },
  );
});

describe("what an event shows of the bytes", () => {
  const shown = (events: object, ...speeches: string[]): unknown[] =>
    written(events, [...GREETED, ...speeches])
      .map(alertOf)
      .filter((event) => event !== null)
      .map((event) => [event["verb"], event["excerpt"]]);
  const hidden = { addresses: "domain", excerpt: "full" };

  test("a line without an address is shown as it is", () => {
    expect(shown(hidden, "C: XADR Az09 q.1\r\n")).toEqual([["XADR", "XADR Az09 q.1"]]);
  });

  test("of a line that may hold one only what is between its words", () => {
    expect(shown(hidden, "C: RCPT TO:<alice+b.c_1>\r\n").at(-1)).toEqual(["RCPT", "x x:<x.x>"]);
    expect(shown(hidden, "C: XADR alice@x.org\r\n")).toEqual([["XADR", "x x@x.x"]]);
    expect(shown({ addresses: "none" }, "C: XADR al\xefce@x.org\r\n").at(-1)).toEqual(["XADR", "x x@x.x"]);
  });

  test("a verb that is no word is left out", () => {
    expect(shown(hidden, "C: alice@x.org\r\n").at(-1)).toEqual([undefined, "x@x.x"]);
  });

  test("of replies the same: a server may repeat what it got", () => {
    const said = shown(hidden, "S: 250 alice is not here\r\n").at(-1);
    expect(said).toEqual([undefined, "x x x x x\\x0d\\x0a"]);
  });

  test("excerpt none shows none of it, and addresses in full change nothing", () => {
    expect(shown({ addresses: "none", excerpt: "none" }, "C: XADR a@x.org\r\n")).toEqual([
      ["XADR", undefined],
    ]);
    expect(shown({ excerpt: "full" }, "C: XADR a@x.org\r\n")).toEqual([["XADR", "XADR a@x.org"]]);
  });
});

test("a HELO name that is an address is left out, also where it is cut before its @", () => {
  const long = "opensesame".repeat(6);
  for (const name of ["opensesame@x.org", `${long}@x.org`]) {
    const speeches = [
      "S: 220 mx\r\n",
      `C: EHLO ${name}\r\n`,
      "S: 250 mx\r\n",
      "C: XADR\r\n",
      "S: 250 ok\r\n",
    ];
    expect(written({ addresses: "none" }, speeches).join("\n")).not.toContain("opensesame");
    expect(written({}, speeches).join("\n")).toContain('"helo":"opensesame');
  }
});

describe("a planted address", () => {
  /** A local part and a domain that nothing else contains, in every way to write them; % stands for the mailbox. */
  const LOCAL = "opensesame";
  const DOMAIN = "forty-thieves";
  const MAILBOXES = [
    "L@D",
    '"L"@D',
    '"L@L"@D',
    "L+L@D",
    "(L)L@D",
    "L%L@D",
    "@D:L@D",
    "L",
    '"L"',
    "D:L@D;",
    "L <L@D>",
  ].map((text) => text.replaceAll("L", LOCAL).replaceAll("D", DOMAIN));
  const COMMANDS = ["MAIL FROM:<%>", "RCPT TO:<%>", "RCPT TO: %", "MAIL FROM:% SIZE=1", "VRFY %", "EXPN %"];
  const OTHERS = [
    "XADR <%>",
    "SEND FROM:<%>",
    "RCPT\0TO:<%>",
    "MAIL\rFROM:<%>",
    "vrfy\0%",
    "EHLO me\rRCPT TO:<%>",
  ];
  const MORE = ["<%>", "To: %", "RSET <%>", "RCPT2 TO:<%>", "RCPT TO:<a@x.org> ORCPT=rfc822;%", "EHLO <%>"];
  const REPLIES = ["550 <%> is unknown", "250 % ok", "553-%\r\n553 %", "354 %", "no code %", "250 %\n"];

  const line = fc
    .tuple(fc.constantFrom(...COMMANDS, ...OTHERS, ...MORE), fc.constantFrom(...MAILBOXES))
    .map(([command, mailbox]) => command.replaceAll("%", () => mailbox));
  const reply = fc
    .tuple(fc.constantFrom(...REPLIES), fc.constantFrom(...MAILBOXES))
    .map(([text, mailbox]) => text.replaceAll("%", () => mailbox));
  test.each(["domain", "hashed", "none"])(
    "addresses %s: is in no event, whatever says it",
    (addresses) => {
      let [runs, events] = [0, 0];
      fc.assert(
        fc.property(
          fc.array(fc.tuple(line, reply), { minLength: 1, maxLength: 5 }),
          fc.constantFrom("monitor", "recommended", "strict", "submission"),
          fc.constantFrom("full", "masked"),
          (turns, profile, excerpt) => {
            const speeches = turns.flatMap(([say, answer]) => [`C: ${say}\r\n`, `S: ${answer}\r\n`]);
            const lines = written(
              { addresses, excerpt, address_key: KEY },
              [...GREETED, ...speeches],
              profile,
            );
            runs++;
            // The last line is the summary.
            events += lines.length - 1;
            const all = lines.join("\n");
            expect(all).not.toContain(LOCAL);
            if (addresses !== "domain") expect(all).not.toContain(DOMAIN);
          },
        ),
        parameters(2000),
      );
      // It was not for want of findings.
      expect(events).toBeGreaterThanOrEqual(runs);
    },
    TIMEOUT_MS,
  );

  test("is in events with addresses in full: the property above can fail", () => {
    const lines = written({ excerpt: "full" }, [...GREETED, `C: RCPT TO:<${LOCAL}@${DOMAIN}>\r\n`]);
    expect(lines.join("\n")).toContain(LOCAL);
  });
});
