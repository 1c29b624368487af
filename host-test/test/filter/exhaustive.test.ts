/** Law 5 on every short string: what the filter sends on means the same to all models of servers, and to the filter. */
import { beforeAll, describe, expect, test } from "vitest";
import { filterModule } from "../../cli/front.js";
import { DATA_READERS, rfc5321End } from "../../exhaustive/models/end-of-data.js";
import { LINE_READERS } from "../../exhaustive/models/command-lines.js";
import { GONE, NO_END } from "../../exhaustive/models/reader.js";
import {
  commandTask,
  dataTasks,
  POLICIES,
  POLICY_NAMES,
  type Task,
  tasksUnder,
} from "../../exhaustive/plan.js";
import { countUpTo, DATA_ALPHABET, LINE_ALPHABET, stringsUpTo } from "../../exhaustive/strings.js";

/** `npm run exhaustive -- --length 9 --commands 7` plays them all; it takes half an hour. */
const DATA_OCTETS = 7;
const LINE_OCTETS = 5;
/** Most of a minute of one core for each test of them; a core may be shared. */
const TIME = 300_000;

let module: WebAssembly.Module;

beforeAll(() => {
  module = filterModule();
});

/** All that is wrong with the strings of a task, as far as it fits on a screen. */
function faultsOf(task: Task): string[] {
  const faults: string[] = [];
  for (const text of task.strings()) {
    faults.push(...task.check(text));
    if (faults.length > 20) break;
  }
  return faults;
}

describe("strings", () => {
  test("all of them, each once", () => {
    expect([...stringsUpTo("ab", 2)]).toEqual(["", "a", "b", "aa", "ba", "ab", "bb"]);
    expect(countUpTo(2, 2)).toBe(7);
    expect(countUpTo(DATA_ALPHABET.length, 9)).toBe(2_441_406);
    expect(countUpTo(LINE_ALPHABET.length, 7)).toBe(960_800);
    const all = new Set(stringsUpTo(DATA_ALPHABET, 5));
    expect(all.size).toBe(3906);
    expect(all.has("\r\n.\r\n")).toBe(true);
  });
});

describe("the whole plan", () => {
  test("is data under three policies after four heads, and command lines under two", () => {
    const data = (policy: string): string[] => [
      `${policy}: data of up to 9 octets after "": 2441406`,
      `${policy}: data of up to 7 octets after "a:b\\r\\n": 97656`,
      `${policy}: data of up to 7 octets after "a:b\\r\\n\\r\\n": 97656`,
      `${policy}: data of up to 7 octets after "a:b\\n\\n": 97656`,
    ];
    expect(tasksUnder(module, POLICY_NAMES, 9, 7).map(({ name, total }) => `${name}: ${total}`)).toEqual([
      ...data("recommended"),
      "recommended: command lines of up to 7 octets: 960800",
      ...data("strict"),
      "strict: command lines of up to 7 octets: 960800",
      ...data("rewriting"),
    ]);
  });
});

describe.each(Object.entries(POLICIES))("message data under %s", (name, policy) => {
  // The recipe changes only what is done about a finding: shorter strings reach all of it.
  const octets = name === "rewriting" ? DATA_OCTETS - 2 : DATA_OCTETS;

  test(`of up to ${octets} octets ends where all readers see it end`, { timeout: TIME }, () => {
    const played = dataTasks(module, name, policy, octets).map((task) => {
      expect(faultsOf(task)).toEqual([]);
      return [task.total, task.passed()];
    });
    expect(played.map(([total]) => total)).toEqual(
      [octets, octets - 2, octets - 2, octets - 2].map((n) => countUpTo(5, n)),
    );
    // Most strings go to their real end, so that readers have something to read.
    for (const [total, passed] of played) expect(passed).toBeGreaterThan((total as number) / 3);
  });
});

describe("command lines", () => {
  test.each([
    ["recommended", false],
    ["strict", true],
  ] as const)(
    `of up to ${LINE_OCTETS} octets are as many for all readers as for the filter in %s`,
    (name, verbs) => {
      const task = commandTask(module, name, POLICIES[name], LINE_OCTETS, verbs);
      expect(faultsOf(task)).toEqual([]);
      expect(task.total).toBe(19_608);
      expect(task.passed()).toBeGreaterThan(1500);
    },
  );
});

/** None is left out, or nothing could be said of what the filter found. */
const EVENTS = { max_per_second: 10_000 };

describe("without the filter's prevention the readers differ", () => {
  const lax = JSON.stringify({
    stat_prefix: "lax",
    profile: "recommended",
    protections: { smuggled_end_of_data: "off" },
    events: EVENTS,
  });

  test("about the end of data", () => {
    const [task] = dataTasks(module, "lax", lax, 3) as [Task];
    const faults = [...task.strings()].flatMap(task.check);
    for (const { name } of DATA_READERS) {
      const same = /normalize|= yes|aiosmtpd since|smtp-server|qmail/.test(name);
      expect([name, faults.some((fault) => fault.includes(`: ${name} sees`))]).toEqual([name, !same]);
    }
    expect(faults).toContain(
      '"x\\n.": Postfix, smtpd_forbid_bare_newline = no (the default before 3.9) sees the end of ' +
        '"x\\n.\\r\\n.\\r\\n" at 5, RFC 5321 and the filter at 8',
    );
  });

  test("about command lines and their verbs", () => {
    const off = { bare_newline_in_command: "off", binary_data_in_command: "off", lax_command_syntax: "off" };
    const policy = JSON.stringify({
      stat_prefix: "lax",
      profile: "recommended",
      protections: off,
      events: EVENTS,
    });
    const task = commandTask(module, "lax", policy, 3, true);
    const faults = [...task.strings()].flatMap(task.check).join("\n");
    expect(faults).toContain(
      '"A \\r": a reader for whom a CR alone ends a line too (Zeek) reads 2 lines in "A \\r\\r\\n", not 1',
    );
    expect(faults).toContain('" A": verbs differ in " A\\r\\n"');
    expect(faults).toContain('"A\\t\\u0000": verbs differ in "A\\t\\u0000\\r\\n"');
  });
});

describe("models of readers", () => {
  const ends = (data: string): Record<string, number> =>
    Object.fromEntries(DATA_READERS.map((reader) => [reader.name.replace(/[ ,(].*/, ""), reader.end(data)]));

  test("all see CRLF . CRLF, and none sees a stuffed dot", () => {
    for (const reader of DATA_READERS) {
      expect([reader.name, reader.end("x\r\n.\r\nNOOP\r\n")]).toEqual([reader.name, 6]);
      expect([reader.name, reader.end(".\r\nNOOP\r\n")]).toEqual([reader.name, 3]);
      expect([reader.name, reader.end("x\r\n..\r\n")]).toEqual([reader.name, NO_END]);
      expect([reader.name, reader.end("x\r\n.\r")]).toEqual([
        reader.name,
        reader.name.startsWith("any") ? 5 : NO_END,
      ]);
    }
    expect(rfc5321End("a\r\n.\r")).toBe(NO_END);
  });

  // One model a program here, the last of each; those before it are held by the servers in host-test/test/mta.
  test.each([
    ["x\n.\n", { Exim: 4, Sendmail: 4, OpenSMTPD: 4, qmail: GONE, anything: 4 }],
    ["x\n.\r\n", { Exim: 5, Sendmail: 5, OpenSMTPD: 5, qmail: GONE, anything: 5 }],
    ["x\r\n.\r\r\n", { Exim: NO_END, Sendmail: NO_END, OpenSMTPD: NO_END, qmail: NO_END, anything: 5 }],
    ["x\r\n.\0x\r\n", { Exim: NO_END, Sendmail: NO_END, OpenSMTPD: 8, qmail: NO_END, anything: 8 }],
    ["x\r.\r", { Exim: NO_END, Sendmail: NO_END, OpenSMTPD: NO_END, qmail: NO_END, anything: 4 }],
  ])("%j", (data, expected) => {
    expect(ends(data)).toMatchObject(expected);
  });

  test("lines and verbs", () => {
    const read = (bytes: string): Record<string, string[]> =>
      Object.fromEntries(
        LINE_READERS.map(({ name, lines, verb }) => [name.replace(/[ ,].*/, ""), lines(bytes).map(verb)]),
      );
    expect(read(" noop\tx\r\nQ\rR\0S\n")).toEqual({
      Postfix: ["NOOP", "Q"],
      Exim: ["", "Q\rR?S"],
      Sendmail: ["NOOP", "Q"],
      OpenSMTPD: ["", "Q\rR"],
      aiosmtpd: ["", "Q\rR\0S"],
      "smtp-server": ["", "Q\rR\0S"],
      qmail: ["", "Q\rR"],
      a: ["NOOP", "Q", "R\0S"],
    });
  });
});
