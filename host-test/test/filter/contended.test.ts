/** source_abuse where another worker changes a value between the look and the write: counted twice, never lost, never for ever. */
import { afterAll, beforeEach, expect, test } from "vitest";
import { GREETING, harvest, REFUSAL, SourceLab } from "../support/sources.js";

const HERE = "192.0.2.7:40000";
const { Instance } = WebAssembly;
/** What the other worker does before a write of this one. */
let meanwhile: (() => void) | null = null;

/** Lets another worker be at it within a write; the shipped bytes and the host stay as they are. */
class BusyInstance extends Instance {
  constructor(module: WebAssembly.Module, imports: WebAssembly.Imports = {}) {
    const env = imports["env"] ?? {};
    const write = env["proxy_set_shared_data"] as (...args: unknown[]) => unknown;
    const busy = (...args: unknown[]): unknown => {
      const other = meanwhile;
      meanwhile = null;
      other?.();
      return write(...args);
    };
    super(module, { ...imports, env: { ...env, proxy_set_shared_data: busy } });
  }
}

WebAssembly.Instance = BusyInstance as typeof Instance;
afterAll(() => {
  WebAssembly.Instance = Instance;
});
beforeEach(() => {
  meanwhile = null;
});

test("what two workers count at once is counted by both", () => {
  const lab = new SourceLab({ refused_recipients: 4 }, { workers: 2 });
  lab.visit(HERE, harvest(1), 0);
  meanwhile = () => void lab.visit(HERE, harvest(1), 1);
  lab.visit(HERE, harvest(1), 0);
  expect(lab.visit(HERE, harvest(1), 0)).toBe(GREETING);
  expect([lab.visit(HERE, [], 0), lab.visit(HERE, [], 1)]).toEqual([REFUSAL, REFUSAL]);
  expect(lab.count("sources_contended")).toBe(0);
});

test.each([
  [3, 0, REFUSAL],
  [4, 1, GREETING],
])("another worker is first %i times: %i writes are given up", (times, givenUp, expected) => {
  const lab = new SourceLab({ refused_recipients: 2, errors: 1000 }, { workers: 2 });
  lab.visit(HERE, harvest(1), 0);
  let left = times;
  // Something else of the same source, which has the same value.
  const interfere = (): void => {
    if (left-- <= 0) return;
    lab.visit(HERE, [["EXPN staff", "502 5.5.1 no"]], 1);
    meanwhile = interfere;
  };
  meanwhile = interfere;
  lab.visit(HERE, harvest(1), 0);
  meanwhile = null;
  expect(lab.count("sources_contended")).toBe(givenUp);
  expect(lab.visit(HERE, [], 0)).toBe(expected);
});
