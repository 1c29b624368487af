/** What is played: which strings, after what, under which policies. */
import { CommandCheck } from "./commands.js";
import { DataCheck } from "./data.js";
import { countUpTo, DATA_ALPHABET, LINE_ALPHABET, stringsUpTo } from "./strings.js";

/** One kind of strings under one policy. */
export interface Task {
  name: string;
  /** How many strings. */
  total: number;
  strings: () => Iterable<string>;
  /** @returns what is wrong with one string, one line each */
  check: (text: string) => string[];
  /** How many of those checked went to their end; the others ended the session. */
  passed: () => number;
}

/**
 * What stands before the strings of data: nothing, a header, a header and the empty line after it, and both with LF
 * alone, by which Exim decides how it reads the rest. All but the first are played with strings that are shorter by two.
 */
const HEADS = ["", "a:b\r\n", "a:b\r\n\r\n", "a:b\n\n"];
const SHORTER = 2;

const EVENTS = { max_per_second: 10_000 };
const profile = (name: string): string =>
  JSON.stringify({ stat_prefix: "exhaustive", profile: name, events: EVENTS });

/** The recipe of smuggled_end_of_data's page: nothing is closed, what could be an end is rewritten. */
const REWRITING = JSON.stringify({
  stat_prefix: "exhaustive",
  profile: "recommended",
  protections: {
    smuggled_end_of_data: "detect",
    bare_newline_in_data: "prevent",
    nul_in_data: "prevent",
  },
  events: EVENTS,
});

export const POLICIES = {
  recommended: profile("recommended"),
  strict: profile("strict"),
  rewriting: REWRITING,
};
export type PolicyName = keyof typeof POLICIES;
export const POLICY_NAMES = Object.keys(POLICIES) as PolicyName[];

/** Message data of `length` octets or fewer under a policy of `POLICIES` or one given as text. */
export function dataTasks(module: WebAssembly.Module, name: string, policy: string, length: number): Task[] {
  const check = new DataCheck(module, policy);
  return HEADS.map((head) => {
    const octets = Math.max(head === "" ? length : length - SHORTER, 0);
    let before = check.reachedEnd;
    return {
      name: `${name}: data of up to ${octets} octets after ${JSON.stringify(head)}`,
      total: countUpTo(DATA_ALPHABET.length, octets),
      strings() {
        before = check.reachedEnd;
        return stringsUpTo(DATA_ALPHABET, octets);
      },
      check: (text) => check.check(head + text),
      passed: () => check.reachedEnd - before,
    };
  });
}

/** Command lines of `length` octets or fewer. @param verbs whether readers must agree on verbs, too */
export function commandTask(
  module: WebAssembly.Module,
  name: string,
  policy: string,
  length: number,
  verbs: boolean,
): Task {
  const check = new CommandCheck(module, policy, verbs);
  return {
    name: `${name}: command lines of up to ${length} octets`,
    total: countUpTo(LINE_ALPHABET.length, length),
    strings: () => stringsUpTo(LINE_ALPHABET, length),
    check: (text) => check.check(text),
    passed: () => check.reachedProbe,
  };
}

/** All of it under the policies that are named. */
export function tasksUnder(
  module: WebAssembly.Module,
  policies: readonly PolicyName[],
  dataLength: number,
  lineLength: number,
): Task[] {
  return policies.flatMap((name) => {
    const data = dataTasks(module, name, POLICIES[name], dataLength);
    if (name === "rewriting") return data;
    // Only strict leaves no blanks by which servers see different verbs.
    return [...data, commandTask(module, name, POLICIES[name], lineLength, name === "strict")];
  });
}
