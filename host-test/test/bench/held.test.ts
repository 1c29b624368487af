/** Law 8: what an octet costs does not depend on how many octets are held, or on how long a reply is already. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { BenchHost } from "../../bench/module/bench-host.js";
import type { HeldLoad, OctetCost } from "../../bench/module/held.js";
import { costOfOctet, countingCopies, HELD, holdLines, LOADS, WAYS } from "../../bench/module/held.js";
import { play } from "../../bench/module/play.js";
import { OPENING } from "../../bench/module/script.js";

const module = countingCopies(readFileSync(join(import.meta.dirname, "../../../build/smtp-inspector.wasm")));

/**
 * The loads differ by less than 0.3 % between 5 and 240 KiB, for a block that grows on the way. Copying or reading all
 * that is held once more for each octet, line or reply makes them differ by a factor of 2 to 48.
 */
const MOST_RATIO = 1.03;
/** Octets copied an octet: into a block, again when it grows, and out of it. */
const MOST_COPIED = 4;

/** What costs most for its length: lines with findings of several kinds, and replies of one octet. */
const SHORT = {
  client: ["RSET\r\n", "\n", "a\n", "\x80\n", 'RCPT TO:<"\\a"@b:c>\n'],
  server: ["250\n", "x\n", "\n"],
};
/** Measured: 968 for replies that are one LF. 64 KiB of them take 11 ms, as 240 KiB of RCPT that one reply sets free. */
const MOST_INSTRUCTIONS = 1000;

const cases = Object.keys(LOADS).flatMap((name) => WAYS.map((way) => [name, way] as const));

describe("an attacker's octet", () => {
  test.each(cases)("%s, %s: costs the same with 5, 58 and 240 KiB held", (name, way) => {
    const load = LOADS[name] as HeldLoad;
    const [least, ...more] = HELD.map((held) => costOfOctet(module, load, way, held)) as [OctetCost];
    expect(least.instructions).toBeGreaterThan(10);
    for (const cost of [least, ...more]) {
      expect(cost.instructions / least.instructions).toBeLessThan(MOST_RATIO);
      expect(cost.copied).toBeLessThan(MOST_COPIED);
    }
  });

  test.each(WAYS)(
    "%s: the last line of a 64 KiB reply costs no more than its first, octet by octet",
    (way) => {
      const load = LOADS["a reply octet by octet"] as HeldLoad;
      const [few, many] = [16, 127].map((lines) => {
        return costOfOctet(module, load, way, 5120, load.octets.slice(0, lines * 512));
      }) as [OctetCost, OctetCost];
      expect(many.instructions / few.instructions).toBeLessThan(MOST_RATIO);
      expect(many.copied).toBeLessThan(MOST_COPIED);
    },
  );

  test.each(WAYS)(
    "%s: a callback costs at most 1,000 instructions for each octet of it and of what is held",
    (way) => {
      const costs: number[] = [];
      for (const side of ["client", "server"] as const) {
        for (const line of SHORT[side]) {
          const octets = line.repeat(65_536 / line.length);
          const load: HeldLoad = { hold: (host) => play(host, OPENING), side, octets, chunk: octets.length };
          costs.push(costOfOctet(module, load, way, 0).instructions);
        }
      }
      for (const line of SHORT.client) {
        const held = 240 * 1024;
        const noops = { ...(LOADS["replies in one chunk"] as HeldLoad), octets: "250 o\r\n", chunk: 7 };
        const load = { ...noops, hold: (host: BenchHost) => holdLines(host, line, held) };
        costs.push((costOfOctet(module, load, way, held).instructions * load.octets.length) / held);
      }
      expect(Math.max(...costs)).toBeGreaterThan(300);
      expect(Math.max(...costs)).toBeLessThan(MOST_INSTRUCTIONS);
    },
  );
});
