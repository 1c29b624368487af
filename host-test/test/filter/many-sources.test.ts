/** The memory of sources has one size, however many come; what it forgets is counted (vectors/source_abuse.md). */
import { expect, test } from "vitest";
import { GREETING, harvest, REFUSAL, SourceLab } from "../support/sources.js";

/** The nth address of 16 million. */
const address = (nth: number): string => `10.${(nth >> 16) & 255}.${(nth >> 8) & 255}.${nth & 255}:4000`;

test("100,000 sources leave shared data and the VM's memory as they were", { timeout: 120_000 }, () => {
  const lab = new SourceLab({ refused_recipients: 2 });
  let nth = 0;
  const come = (until: number): void => {
    for (; nth < until; nth++) expect(lab.visit(address(nth), harvest(1))).toBe(GREETING);
  };
  // As many fit: nearly all sources are remembered.
  come(10_000);
  const forgotten = [lab.count("sources_forgotten")];
  come(20_000);
  forgotten.push(lab.count("sources_forgotten"));
  // That one of the values is still missing here has a chance of one in a hundred thousand.
  come(80_000);
  const [shared, memory] = [lab.plugin.sharedData, lab.plugin.memoryBytes()];
  // Values of 256 bytes under keys of 27, and the key of the hash.
  expect(shared).toEqual({ keys: 4097, bytes: 4096 * (256 + 27) + 16 + 26 });
  come(100_000);
  forgotten.push(lab.count("sources_forgotten"));
  expect([lab.plugin.sharedData, lab.plugin.memoryBytes()]).toEqual([shared, memory]);
  expect(lab.count("sources_recorded")).toBe(100_000);
  expect(lab.count("sources_contended")).toBe(0);
  const [few, more, most] = forgotten as [number, number, number];
  // By the Poisson distribution 5, 439 and 67,232.
  expect(few).toBeLessThan(20);
  expect(more > 250 && more < 700, String(more)).toBe(true);
  expect(most > 66_500 && most < 68_000, String(most)).toBe(true);
});

test("who is refused keeps its place among 100,000 others that did little", { timeout: 120_000 }, () => {
  const lab = new SourceLab({ refused_recipients: 3 });
  lab.visit("192.0.2.7:4000", harvest(3));
  lab.visit("192.0.2.8:4000", harvest(2));
  for (let nth = 0; nth < 100_000; nth++) lab.visit(address(nth), harvest(1));
  expect(lab.visit("192.0.2.7:4000")).toBe(REFUSAL);
  // So does who did more than they.
  expect([lab.visit("192.0.2.8:4000", harvest(1)), lab.visit("192.0.2.8:4000")]).toEqual([GREETING, REFUSAL]);
});
