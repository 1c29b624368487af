/** The help beside a policy's editor: where the cursor is, what the schema says of it, what could stand there. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { helpAt, type Schema } from "../../web/policy-help.js";
import { spotAt } from "../../web/policy-spot.js";
import { profileOf, withProfile } from "../../web/profile.js";

const SCHEMA = JSON.parse(
  readFileSync(new URL("../../../envoy/policy.schema.json", import.meta.url), "utf8"),
) as Schema;

/** The spot at the bar of a text. */
function spot(marked: string) {
  const at = marked.indexOf("|");
  const { path, at: kind, typed } = spotAt(marked.replace("|", ""), at);
  return [path.join("."), kind, typed];
}

/** The help at the bar of a text. */
function help(marked: string) {
  return helpAt(SCHEMA, marked.replace("|", ""), marked.indexOf("|"));
}

/** The text after the first suggestion was taken, with a bar where the cursor is. */
function taken(marked: string): string {
  const text = marked.replace("|", "");
  const [first] = help(marked).suggestions;
  if (first === undefined) return text;
  const after = text.slice(0, first.from) + first.insert + text.slice(first.to);
  return `${after.slice(0, first.from + first.cursor)}|${after.slice(first.from + first.cursor)}`;
}

describe("where a place is", () => {
  const cases: [string, string[]][] = [
    ["|", ["", "value", ""]],
    ["{|}", ["", "key", ""]],
    ['{ "pro|file": 1 }', ["profile", "key", "profile"]],
    ['{ "profile|": 1 }', ["profile", "key", "profile"]],
    ['{ "profile" | : 1 }', ["profile", "end", ""]],
    ['{ "profile": | }', ["profile", "value", ""]],
    ['{ "profile": "st|rict" }', ["profile", "value", "strict"]],
    ['{ "profile": "strict" | }', ["profile", "end", ""]],
    ['{ "profile": "strict", | }', ["", "key", ""]],
    ['{ "limits": { "reply_bytes": 5|12 } }', ["limits.reply_bytes", "value", "512"]],
    ['{ "limits": { } | }', ["limits", "end", ""]],
    ['{ "limits": {"a": [1, {"b": |', ["limits.a.1.b", "value", ""]],
    ['{ "a": ["x", "y|"] }', ["a.1", "value", "y"]],
    ['{ "a": "\\"}{|", "b": 1 }', ["a", "value", '\\"}{']],
    // What one types is broken most of the time.
    ['{ "a": "never closed|\n "b": 1 }', ["a", "value", "never closed"]],
    ['{ "pro|', ["pro", "key", "pro"]],
    ["}}} ]] |", ["", "value", ""]],
  ];
  for (const [marked, expected] of cases) {
    test(JSON.stringify(marked), () => expect(spot(marked)).toEqual(expected));
  }

  test("keys that an object has, also after the place", () => {
    expect(spotAt('{ "a": 1, , "b": { "c": 2 }, "d": 3 }', 10).keys).toEqual(["a", "b", "d"]);
  });

  test("any text and any place", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ":",
      ",",
      '"',
      "\\",
      '"a"',
      "1",
      " ",
      "\n",
      "é",
      "\u2028",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), fc.nat(), (parts, at) => {
        const text = parts.join("");
        const place = at % (text.length + 1);
        const { from, to, path } = spotAt(text, place);
        expect(from).toBeLessThanOrEqual(place);
        expect(to).toBeGreaterThanOrEqual(place);
        expect(path.length).toBeLessThanOrEqual(20);
        const { suggestions } = helpAt(SCHEMA, text, place);
        for (const each of suggestions) expect([each.from, each.to]).toEqual([from, to]);
      }),
      { numRuns: 300 },
    );
  });
});

describe("what the schema says", () => {
  test("of a protection", () => {
    expect(help('{ "protections": { "private_command": "pre|vent" } }')).toMatchObject({
      path: "protections.private_command",
      description: expect.stringMatching(/^A verb that starts with X: private to two parties/) as string,
      values: '"off", "detect", "prevent" or an object',
      initial: '"prevent"',
    });
  });
  test("of a number", () => {
    expect(help('{ "limits": { "reply_bytes": | } }')).toMatchObject({
      path: "limits.reply_bytes",
      values: "512 to 65536",
      initial: "65536",
    });
  });
  test("of a list", () => {
    const { values } = help('{ "protections": { "private_command": { "exempt_sources": [|] } } }');
    expect(values).toBe("a string");
    expect(help('{ "protections": { "private_command": { "exempt_sources": | } } }').values).toBe(
      'a list such as ["10.0.0.0/8","2001:db8::/32","192.0.2.1"], at most 256',
    );
  });
  test("of a key that nobody knows: of what it stands in", () => {
    expect(help('{ "limits": { "bytes": | } }').path).toBe("limits");
  });
});

describe("what could be written", () => {
  const labels = (marked: string): string[] => help(marked).suggestions.map(({ label }) => label);

  test("known words in a list that takes any", () => {
    expect(labels('{ "ehlo_keywords": { "deny": ["XCL|"] } }')).toEqual(['"XCLIENT"']);
    expect(labels('{ "commands": { "allow": ["NOO|"] } }')).toEqual(['"NOOP"']);
  });

  test("keys that are not there yet", () => {
    expect(labels('{ "profile": "strict", | }')).toEqual([
      "stat_prefix",
      "protections",
      "limits",
      "events",
      "starttls",
      "commands",
      "ehlo_keywords",
      "exempt_sources",
      "trusted_sources",
      "shadow",
    ]);
  });
  test("keys and protections of a shadow, which are those of the policy that it shares", () => {
    expect(labels('{ "shadow": { | } }')).toEqual([
      "profile",
      "protections",
      "limits",
      "exempt_sources",
      "trusted_sources",
      "commands",
      "ehlo_keywords",
    ]);
    expect(labels('{ "shadow": { "limits": { | } } }')).toEqual(["pending_commands", "rejected_commands"]);
    expect(labels('{ "shadow": { "protections": { "nul_in|" } } }')).toEqual(["nul_in_data"]);
  });
  test("keys that hold the letters, those that begin with them first", () => {
    expect(labels('{ "protections": { "star|" } }')).toEqual([
      "starttls_command",
      "starttls_injection",
      "starttls_not_tls",
      "starttls_reply_injection",
      "starttls_unavailable",
      "tls_without_starttls",
    ]);
  });
  test("options of a protection", () => {
    expect(labels('{ "protections": { "private_command": { | } } }')).toEqual([
      "mode",
      "action",
      "exempt_sources",
      "reasons",
      "allow",
    ]);
  });
  test("values", () => {
    expect(labels('{ "profile": | }')).toEqual(['"monitor"', '"recommended"', '"strict"', '"submission"']);
    expect(labels('{ "protections": { "private_command": "|" } }')).toEqual([
      '"off"',
      '"detect"',
      '"prevent"',
      "{}",
    ]);
    expect(labels('{ "protections": { "exchange_command": { "extended": | } } }')).toEqual(["true", "false"]);
    expect(labels('{ "limits": { "reply_bytes": | } }')).toEqual(["65536"]);
  });
  test("nothing after a value, nothing for what nobody knows", () => {
    expect(labels('{ "profile": "strict" | }')).toEqual([]);
    expect(labels('{ "bytes": | }')).toEqual([]);
    expect(labels('{ "bytes": { | } }')).toEqual([]);
  });

  const insertions: [string, string][] = [
    ['{ "prof|" }', '{ "profile": "recommended"| }'],
    ['{ "prof|": "strict" }', '{ "profile"|: "strict" }'],
    ['{ "protections": { "smug|" } }', '{ "protections": { "smuggled_end_of_data": "prevent"| } }'],
    ['{ "prot|" }', '{ "protections": {|} }'],
    ['{ | "profile": "strict" }', '{ "stat_prefix": "default"|,  "profile": "strict" }'],
    ['{ "profile": "str|" }', '{ "profile": "strict"| }'],
  ];
  for (const [before, after] of insertions) {
    test(`${before} becomes ${after}`, () => expect(taken(before)).toBe(after));
  }
});

describe("the profile", () => {
  test("that a text names", () => {
    expect(profileOf('{ "profile": "strict" }')).toBe("strict");
    expect(profileOf("")).toBe("recommended");
    expect(profileOf("{}")).toBe("recommended");
    expect(profileOf("{")).toBeNull();
    expect(profileOf("[]")).toBeNull();
  });
  test("is replaced, the rest stays", () => {
    const policy = withProfile('{"limits":{"reply_bytes":512},"profile":"strict"}', "monitor");
    expect(JSON.parse(policy)).toEqual({ profile: "monitor", limits: { reply_bytes: 512 } });
  });
});
