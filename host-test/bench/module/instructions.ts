/** Instructions that the module executes for each step: the same on every machine, so a test can check them. */
import { readFileSync, writeFileSync } from "node:fs";
import { BenchHost, RECOMMENDED, SHADOWED } from "./bench-host.js";
import { COUNTER, countInstructions } from "./count.js";
import { play, take } from "./play.js";
import type { Step } from "./script.js";
import { INTO_DATA, INTO_TEXT, OPENING, REJECTED, SESSION } from "./script.js";
import { TEXTS, WINDOW } from "./texts.js";

/** What was counted, by row: instructions per step; for data per byte. */
export type Figures = Record<string, number>;

/** More than this share above the recorded figure fails the test. */
export const TOLERANCE = 0.1;

/** The module with its counter. @param wasm the release module, as shipped */
export function counted(wasm: Uint8Array): WebAssembly.Module {
  return new WebAssembly.Module(countInstructions(wasm));
}

/** @throws WasmTrap when the module traps */
export function measureInstructions(wasm: Uint8Array): Figures {
  const module = counted(wasm);
  const figures: Figures = {};
  for (const script of [SESSION, REJECTED]) countSteps(module, script, figures);
  figures["whole session"] = ofSession(module);
  figures["whole session, with a shadow"] = ofSession(module, SHADOWED);
  figures["tick"] = ofTick(module);
  for (const { name, text } of TEXTS) figures[`byte of data, ${name}`] = ofByte(module, INTO_TEXT, text);
  figures["byte of BDAT"] = ofByte(module, intoBdat(), TEXTS[0].text);
  return figures;
}

/** The steps of a session on a module that has already had one: what is done only once is not counted. */
function countSteps(module: WebAssembly.Module, script: readonly Step[], figures: Figures): void {
  const host = new BenchHost(module);
  play(host, script);
  let connection = undefined;
  for (const step of script) {
    host.takeCounter(COUNTER);
    connection = take(host, connection, step);
    if (step.row !== undefined) figures[step.row] = host.takeCounter(COUNTER);
  }
}

function ofSession(module: WebAssembly.Module, policy = RECOMMENDED): number {
  const host = new BenchHost(module, policy);
  play(host, SESSION);
  host.takeCounter(COUNTER);
  play(host, SESSION);
  return host.takeCounter(COUNTER);
}

function ofTick(module: WebAssembly.Module): number {
  const host = new BenchHost(module);
  play(host, OPENING);
  host.takeCounter(COUNTER);
  host.tick(500);
  return host.takeCounter(COUNTER);
}

/** Instructions per byte, to 4 places, of one window after `before`. */
function ofByte(module: WebAssembly.Module, before: readonly Step[], text: Uint8Array): number {
  const host = new BenchHost(module);
  const connection = play(host, OPENING);
  for (const step of before) take(host, connection, step);
  connection.fromClient(text);
  host.takeCounter(COUNTER);
  connection.fromClient(text);
  return Math.round((host.takeCounter(COUNTER) / text.length) * 10_000) / 10_000;
}

/** Into a chunk of three windows, after the header of its message. */
export function intoBdat(size = 3 * WINDOW): Step[] {
  const bytes = new Uint8Array(Buffer.from(`BDAT ${size} LAST\r\n`, "latin1"));
  return [...INTO_DATA.slice(0, -2), { act: "client", bytes }, ...INTO_TEXT.slice(-1)];
}

/** @throws Error when the file is missing or not a record */
export function readFigures(path: string): Figures {
  const figures: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (typeof figures !== "object" || figures === null || Array.isArray(figures)) {
    throw new Error(`${path} has no figures`);
  }
  for (const [row, value] of Object.entries(figures)) {
    if (typeof value !== "number") throw new Error(`${path}: ${row} is not a number`);
  }
  return figures as Figures;
}

export function writeFigures(path: string, figures: Figures): void {
  writeFileSync(path, `${JSON.stringify(figures, null, 2)}\n`);
}

/** What is worse than recorded, one line each, and rows that only one side has; empty when all is well. */
export function complaints(recorded: Figures, measured: Figures): string[] {
  const lines: string[] = [];
  for (const [row, now] of Object.entries(measured)) {
    const then = recorded[row];
    if (then === undefined) lines.push(`${row}: ${now} instructions, none recorded`);
    else if (now > then * (1 + TOLERANCE)) lines.push(`${row}: ${now} instructions, recorded: ${then}`);
  }
  for (const row of Object.keys(recorded)) {
    if (measured[row] === undefined) lines.push(`${row}: recorded, but no longer measured`);
  }
  return lines;
}
