/** What all property tests share: how many cases, from which seed, and how bytes are written and cut. */
import fc from "fast-check";
import { byBytesOrChunks } from "./vector-cuts.js";

/** Bytes on the wire are written as strings of one character a byte: they shrink and print well. */
export const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
export const text = (data: Uint8Array): string =>
  Buffer.from(data.buffer, data.byteOffset, data.length).toString("latin1");

/** The seed of this run: `SMTP_INSPECTOR_SEED`, or a new one. It is printed, so that a failure can be had again. */
export const SEED = wholeNumber("SMTP_INSPECTOR_SEED") ?? Math.floor(Math.random() * 0x7fffffff);
console.info(`properties: SMTP_INSPECTOR_SEED=${SEED}`);

/**
 * @param usual cases where `SMTP_INSPECTOR_PROPERTY_RUNS` does not say how many
 * @param most however many it asks for, of cases that take long
 * @param least however few it asks for, where fewer show nothing
 */
export function parameters<T>(usual: number, most = Infinity, least = 1): fc.Parameters<T> {
  const asked = wholeNumber("SMTP_INSPECTOR_PROPERTY_RUNS") ?? usual;
  return { seed: SEED, numRuns: Math.max(Math.min(asked, most), least) };
}

/** How long one property may take: a minute, and 100 ms for each case that was asked for. */
export const TIMEOUT_MS = 60_000 + 100 * (wholeNumber("SMTP_INSPECTOR_PROPERTY_RUNS") ?? 0);

function wholeNumber(name: string): number | undefined {
  const value = process.env[name];
  if (value === undefined || value === "") return undefined;
  if (!/^\d{1,10}$/.test(value))
    throw new Error(`${name} must be a whole number, not ${JSON.stringify(value)}`);
  return Number(value);
}

/** The ways in which a segment reaches the filter: whole, byte by byte, or in pieces of these lengths, round and round. */
export type Cut = "whole" | "bytes" | number[];

export const cuts: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: 1, max: 40 }), {
  minLength: 1,
  maxLength: 6,
});

export function pieces(segment: string, cut: Cut): string[] {
  if (cut === "whole" || segment.length === 0) return [segment];
  if (cut === "bytes") return byBytesOrChunks("client", 0, segment);
  const all: string[] = [];
  for (let at = 0, nth = 0; at < segment.length; nth++) {
    const length = cut[nth % cut.length] ?? 1;
    all.push(segment.slice(at, at + length));
    at += length;
  }
  return all;
}
