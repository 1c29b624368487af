/** What is said of arguments that make no sense. */
import { expect, test } from "vitest";
import { argumentsOf, portOf } from "../../cli/arguments.js";

const OPTIONS = {
  policy: { type: "string", multiple: true },
  port: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const read = (args: string[], words?: number) => argumentsOf("smtp-inspector x", args, OPTIONS, words);

test("options and words are read, in any order", () => {
  expect({ ...read(["a", "--policy", "p", "--policy=-q", "--json", "-h", "-", "--", "--port"], 3) }).toEqual({
    values: { policy: ["p", "-q"], json: true, help: true },
    positionals: ["a", "-", "--port"],
  });
  expect(read(["--port", "-"]).values.port).toBe("-");
  expect(read([])).toEqual({ values: {}, positionals: [] });
});

test.each([
  [["--prot", "25"], "unknown option --prot; did you mean --port?"],
  [["--definitely-not"], "unknown option --definitely-not"],
  [["--__proto__"], "unknown option --__proto__"],
  [["--toString=1"], "unknown option --toString"],
  [["-x"], "unknown option -x"],
  [["--port"], "--port needs a value"],
  [["--port", "--json"], "--port needs a value"],
  [["--json=yes"], "--json takes no value"],
  [["-hx"], "unknown option -x"],
  [["--port", "1", "--port", "2"], "--port may be given only once"],
  [["--json", "--json"], "--json may be given only once"],
  [["file"], 'unexpected argument: "file"'],
])("%j: %s", (args, message) => {
  expect(() => read(args)).toThrow(new Error(`${message}; see smtp-inspector x --help`));
});

test("a word too many is named", () => {
  expect(() => read(["a", "b\u001b[2J"], 1)).toThrow(
    new Error('one argument too many: "b\\u001b[2J"; see smtp-inspector x --help'),
  );
});

test("a port is a number that there is", () => {
  expect(["0", "1", "65535"].map((text) => portOf("--port", text, 0))).toEqual([0, 1, 65535]);
  for (const text of ["", "-1", "65536", "1e3", "0x19", "25 ", "١"]) {
    expect(() => portOf("--port", text, 0)).toThrow(
      new Error(`--port needs a number from 0 to 65535, not ${JSON.stringify(text)}`),
    );
  }
  expect(() => portOf("--port", "0", 1)).toThrow("--port needs a number from 1 to 65535");
});
