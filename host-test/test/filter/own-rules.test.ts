/** Rules of the operator's own against a model of them: any rule, any EHLO reply cut at every octet, any command. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { Plugin } from "../../host/plugin.js";
import { bytes, parameters, text, TIMEOUT_MS } from "../support/arbitrary.js";

const plugin = Plugin.load(
  new Uint8Array(readFileSync(new URL("../../../build/smtp-inspector.wasm", import.meta.url))),
);
afterAll(() => plugin.shutdown());

/** A rule: the listed words, and whether they are allowed or denied. */
interface Rule {
  allows: boolean;
  words: string[];
}

const WORDS = [
  "CHUNKING",
  "PIPELINING",
  "SIZE",
  "8BITMIME",
  "BINARYMIME",
  "DSN",
  "AUTH",
  "ETRN",
  "VRFY",
  "EXPN",
];
const MORE = [
  "SMTPUTF8",
  "STARTTLS",
  "PIPECONNECT",
  "X_PIPE_CONNECT",
  "XCLIENT",
  "X-A",
  "X-A-B",
  "DELIVERBY",
  "Z9",
];
const word = fc.constantFrom(...WORDS, ...MORE);

/** Some letters of the word small. */
const anyCase = (plain: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: plain.length, maxLength: plain.length })
    .map((small) => [...plain].map((c, i) => (small[i] === true ? c.toLowerCase() : c)).join(""));

const rule: fc.Arbitrary<Rule> = fc.record({
  allows: fc.boolean(),
  words: fc.array(word.chain(anyCase), { maxLength: 8 }),
});

const policyOf = ({ allows, words }: Rule, profile: string): Uint8Array =>
  bytes(JSON.stringify({ profile, ehlo_keywords: { [allows ? "allow" : "deny"]: words } }));

/** What stands after the separator of a line: a keyword with or without more, or anything. */
const line = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(word.chain(anyCase), fc.constantFrom("", "", " 1000", "=LOGIN", "\t", ";", "\r", "S", "-B"))
      .map(([a, b]) => a + b),
  },
  { weight: 1, arbitrary: fc.stringMatching(/^[ -~]{0,12}$/) },
  { weight: 1, arbitrary: word.map((each) => ` ${each}`) },
);

/** An EHLO reply's lines without code and separator, the first of which names the server. */
const reply = fc
  .tuple(fc.oneof(fc.constant("mx.example"), word), fc.array(line, { maxLength: 7 }))
  .map(([a, b]) => [a, ...b]);

const written = (lines: string[]): string =>
  lines.map((each, i) => `250${i === lines.length - 1 ? " " : "-"}${each}\r\n`).join("");

/** Whether the rule takes this line out. */
function isForbidden({ allows, words }: Rule, content: string): boolean {
  const listed = new Set(words.map((each) => each.toUpperCase()));
  const keyword = content.replace(/^[ \t]+/, "");
  const name = (/^[A-Za-z0-9_-]*/.exec(keyword)?.[0] ?? "").toUpperCase();
  if ((name === "PIPE_CONNECT" || name === "X_PIPE_CONNECT") && listed.has("PIPECONNECT")) return !allows;
  if (!allows) return listed.has(name);
  return !(listed.has(name) && /^($|[= \t])/.test(keyword.slice(name.length)));
}

/** What the client gets of a reply that comes in these pieces, after its EHLO. */
function offered(pieces: string[]): string {
  const connection = plugin.connect();
  connection.fromServer(bytes("220 mx\r\n"));
  connection.fromClient(bytes("EHLO a.example\r\n"));
  for (const piece of pieces) connection.fromServer(bytes(piece));
  const got = text(connection.toClient).replace(/^220 mx\r\n/, "");
  connection.clientReset();
  return got;
}

test(
  "the client gets the reply without the forbidden lines, wherever it is cut",
  () => {
    fc.assert(
      fc.property(rule, reply, (own, lines) => {
        const [first = "", ...others] = lines;
        const whole = written(lines);
        const kept = written([first, ...others.filter((each) => !isForbidden(own, each))]);
        expect(plugin.update(policyOf(own, "recommended"))).toBe(true);
        plugin.drainOld();
        expect(offered([whole])).toBe(kept);
        expect(kept).toMatch(/^(250-[^\n]*\r\n)*250 [^\n]*\r\n$/);
        expect(offered([...whole])).toBe(kept);
        for (let at = 1; at < whole.length; at++) {
          // `expect` for each cut takes long.
          const cut = offered([whole.slice(0, at), whole.slice(at)]);
          if (cut !== kept) expect(cut, `cut after ${at}`).toBe(kept);
        }
        expect(plugin.update(policyOf(own, "monitor"))).toBe(true);
        plugin.drainOld();
        expect(offered([...whole])).toBe(whole);
      }),
      parameters(150, 2000),
    );
  },
  TIMEOUT_MS,
);

/** Commands, each with the keyword of what it uses; none for those that no rule about keywords can forbid. */
const USES: [command: string, keyword: string | null][] = [
  ["NOOP x", null],
  ["RSET", null],
  ["HELO a.example", null],
  ["MAIL FROM:<a@x.example>", null],
  ["MAIL FROM:<SIZE@x.example> SIZE=9", "SIZE"],
  ["mail from:<a@x.example> body=8bitmime", "8BITMIME"],
  ["MAIL FROM:<a@x.example> BODY=BINARYMIME", "BINARYMIME"],
  ["MAIL FROM:<a@x.example> ENVID=q", "DSN"],
  ["RCPT TO:<a@x.example> Notify=Never", "DSN"],
  ["MAIL FROM:<a@x.example> BY=9;N", "DELIVERBY"],
  ["MAIL FROM:<a@x.example> SMTPUTF8", "SMTPUTF8"],
  ["MAIL FROM:<a@x.example> AUTH=<>", "AUTH"],
  ["MAIL FROM:<a@x.example> X-A=1", "X-A"],
  ["AUTH PLAIN", "AUTH"],
  ["ETRN x.example", "ETRN"],
  ["EXPN staff", "EXPN"],
  ["x-a-b", "X-A-B"],
  ["Z9 1", "Z9"],
];

test(
  "a command passes unless it uses what is forbidden",
  () => {
    fc.assert(
      fc.property(rule, fc.constantFrom(...USES), ({ allows, words }, [command, keyword]) => {
        const own = allows ? { allow: words } : { deny: words };
        const policy = {
          profile: "monitor",
          protections: { forbidden_extension: "prevent" },
          ehlo_keywords: own,
        };
        expect(plugin.update(bytes(JSON.stringify(policy)))).toBe(true);
        plugin.drainOld();
        const connection = plugin.connect();
        connection.fromServer(bytes("220 mx\r\n"));
        connection.fromClient(bytes(`${command}\r\n`));
        const isListed = words.some((each) => each.toUpperCase() === keyword);
        const passes = keyword === null || isListed === allows;
        expect(text(connection.toServer)).toBe(passes ? `${command}\r\n` : "NOOP\r\n");
        connection.clientReset();
      }),
      parameters(500),
    );
  },
  TIMEOUT_MS,
);

const VERBS = [
  "EHLO a",
  "HELO a",
  "MAIL FROM:<a@x.example>",
  "RSET",
  "NOOP x",
  "VRFY a",
  "HELP",
  "ETRN x",
  "X-A 1",
  "Zz",
];
const verbs = fc.record({
  allows: fc.boolean(),
  words: fc.array(
    fc.constantFrom("EHLO", "Helo", "mail", "RSET", "NOOP", "VRFY", "help", "ETRN", "X-A", "ZZ"),
  ),
});

test(
  "a verb passes as the list says, and QUIT always",
  () => {
    fc.assert(
      fc.property(verbs, fc.constantFrom(...VERBS), ({ allows, words }, command) => {
        const own = { [allows ? "allow" : "deny"]: words, reply: "550 5.7.1 Not here" };
        const policy = { profile: "monitor", protections: { forbidden_command: "prevent" }, commands: own };
        expect(plugin.update(bytes(JSON.stringify(policy)))).toBe(true);
        plugin.drainOld();
        const connection = plugin.connect();
        connection.fromServer(bytes("220 mx\r\n"));
        connection.fromClient(bytes(`${command}\r\n`));
        const verb = command.split(" ", 1)[0]?.toUpperCase();
        const passes = words.some((each) => each.toUpperCase() === verb) === allows;
        expect(text(connection.toServer)).toBe(passes ? `${command}\r\n` : "NOOP\r\n");
        connection.fromServer(bytes("250 ok\r\n"));
        expect(text(connection.toClient)).toBe(`220 mx\r\n${passes ? "250 ok" : "550 5.7.1 Not here"}\r\n`);
        connection.fromClient(bytes("QUIT\r\n"));
        expect(text(connection.toServer)).toMatch(/QUIT\r\n$/);
        connection.clientReset();
      }),
      parameters(500),
    );
  },
  TIMEOUT_MS,
);
