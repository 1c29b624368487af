/** Gigabytes a second (10^9 bytes) of message data, BDAT and TLS. */
import { setImmediate as turn } from "node:timers/promises";
import type { Connection } from "../../host/connection.js";
import type { BenchOptions, Measurement } from "../result.js";
import { wanted } from "../result.js";
import { median } from "../statistics.js";
import { BenchHost } from "./bench-host.js";
import { cpuNanoseconds } from "./cpu-clock.js";
import { intoBdat } from "./instructions.js";
import { play, take } from "./play.js";
import type { Step } from "./script.js";
import { INTO_TEXT, OPENING } from "./script.js";
import { TEXTS, WINDOW } from "./texts.js";
import type { Modules } from "./times.js";

/** Windows timed as one: some tenths of a millisecond where they are read, and where they are not. */
const READ = 16;
const UNREAD = 500;
/** Batches whose median is one sample. */
const ROUNDS = 60;
/** Too large for any cache: there `Buffer.indexOf` reaches the 8 GB/s of the bar, in the cache far more. */
const LARGE = 64 * 2 ** 20;
/** For the large ones, which take 100 times as long. */
const LARGE_ROUNDS = 5;

/** One call is one batch of `bytes`. */
interface Work {
  readonly bytes: number;
  readonly run: () => void;
}

/**
 * The scanner by itself and `Buffer.indexOf` of an absent byte on the same bytes, and whole callbacks of 64 KiB
 * through the filter. @param scanner of `compileScanner`
 */
export async function measureThroughput(
  scanner: WebAssembly.Module,
  modules: Modules,
  options: BenchOptions,
): Promise<Measurement[]> {
  const rows: Measurement[] = [];
  for (const { name, text } of TEXTS) rows.push(...(await scanRows(scanner, name, text, options)));
  const large = new Uint8Array(Buffer.alloc(LARGE, TEXTS[0].text));
  rows.push(...(await scanRows(scanner, "clean text of 64 MiB", large, options, 0.5)));
  // The host copies what is read, which is not the module's own part.
  const { reading, empty } = modules;
  for (const { name, text } of TEXTS) {
    rows.push(...(await through([modules.filter, reading], `data, ${name}`, INTO_TEXT, text, READ, options)));
  }
  const bdat = intoBdat(2 ** 31 - 1);
  rows.push(...(await through([modules.filter, empty], "BDAT", bdat, TEXTS[0].text, UNREAD, options)));
  rows.push(...(await through([modules.filter, empty], "TLS", INTO_TLS, TLS_RECORDS, UNREAD, options)));
  return rows;
}

async function scanRows(
  scanner: WebAssembly.Module,
  name: string,
  text: Uint8Array,
  options: BenchOptions,
  least?: number,
): Promise<Measurement[]> {
  if (!wanted(`scan, ${name}`, options.only)) return [];
  const works = [scanning(scanner, text), searching(text)] as const;
  const [scan, indexOf] = await pairs(options, `scan, ${name}`, ...works);
  const bytes = works[0].bytes;
  const ratios = scan.map((time, i) => (indexOf[i] ?? NaN) / time);
  return [
    row(
      `scan, ${name}`,
      "GB/s",
      scan.map((time) => bytes / time),
    ),
    row(
      `scan, ${name}: Buffer.indexOf`,
      "GB/s",
      indexOf.map((time) => bytes / time),
    ),
    {
      ...row(`scan, ${name}: share of Buffer.indexOf`, "×", ratios),
      ...(least === undefined ? {} : { least }),
    },
  ];
}

/** Whole callbacks: through the filter, and its cost above a module that only reads, or does nothing. */
async function through(
  [filter, other]: [WebAssembly.Module, WebAssembly.Module],
  what: string,
  before: readonly Step[],
  text: Uint8Array,
  windows: number,
  options: BenchOptions,
): Promise<Measurement[]> {
  const name = `through the filter, ${what}`;
  if (!wanted(name, options.only)) return [];
  const works = [
    forwarding(filter, before, text, windows),
    forwarding(other, before, text, windows),
  ] as const;
  const [ours, theirs] = await pairs(options, name, ...works);
  const own = ours.map((time, i) => (time - (theirs[i] ?? NaN)) / windows);
  return [
    row(
      name,
      "GB/s",
      ours.map((time) => works[0].bytes / time),
    ),
    row(`the filter's own part, ${what}`, "ns/window", own),
  ];
}

const row = (name: string, unit: string, samples: number[]): Measurement => {
  return { group: "module", name, unit, samples };
};

/** Batches of both in turns. @returns nanoseconds of a batch, one for each pair */
async function pairs(options: BenchOptions, name: string, a: Work, b: Work): Promise<[number[], number[]]> {
  options.progress(`module: ${name}`);
  const rounds = options.short || a.bytes === LARGE ? LARGE_ROUNDS : ROUNDS;
  const samples: [number[], number[]] = [[], []];
  // The first run is for the compiler.
  for (let pair = -1; pair < options.pairs && !options.signal.aborted; pair++) {
    const times: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      times[0].push(timed(a));
      times[1].push(timed(b));
      if (round % 10 === 0) await turn();
    }
    if (pair < 0) continue;
    samples[0].push(median(times[0]));
    samples[1].push(median(times[1]));
  }
  return samples;
}

function timed(work: Work): number {
  const start = cpuNanoseconds();
  work.run();
  return cpuNanoseconds() - start;
}

function repeated(bytes: number, times: number, run: () => void): Work {
  return {
    bytes: bytes * times,
    run: () => {
      for (let i = 0; i < times; i++) run();
    },
  };
}

/** A window is read again and again, the large text once. */
const timesOf = (text: Uint8Array): number => (text.length === WINDOW ? READ : 1);

/** The exports of what `compileScanner` compiles. */
interface ScannerExports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  scan_data(from: number, length: number): number;
}

const PAGE = 65_536;

function scanning(module: WebAssembly.Module, text: Uint8Array): Work {
  // The scanner calls nothing: the imports of the release are never called.
  const env = Object.fromEntries(WebAssembly.Module.imports(module).map(({ name }) => [name, () => 0]));
  const { exports } = new WebAssembly.Instance(module, { env });
  const { memory, _initialize, scan_data } = exports as unknown as ScannerExports;
  _initialize();
  const at = memory.grow(text.length / PAGE) * PAGE;
  new Uint8Array(memory.buffer).set(text, at);
  return repeated(text.length, timesOf(text), () => void scan_data(at, text.length));
}

function searching(text: Uint8Array): Work {
  const buffer = Buffer.from(text);
  return repeated(text.length, timesOf(text), () => {
    if (buffer.indexOf(ABSENT) >= 0) throw new Error("the byte is in the text after all");
  });
}

/** SOH, which no text contains. */
const ABSENT = 1;

function forwarding(
  module: WebAssembly.Module,
  before: readonly Step[],
  text: Uint8Array,
  windows: number,
): Work {
  const host = new BenchHost(module);
  const start = (): Connection => {
    const opened = play(host, OPENING);
    for (const step of before) take(host, opened, step);
    return opened;
  };
  let connection = start();
  let left = MOST_WINDOWS;
  return repeated(text.length, windows, () => {
    if (left-- === 0) {
      connection.clientReset();
      connection = start();
      left = MOST_WINDOWS - 1;
    }
    connection.fromClient(text);
  });
}

/** Before a chunk announced with 2^31 - 1 octets is full. */
const MOST_WINDOWS = Math.floor((2 ** 31 - 1) / WINDOW);

const line = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

const INTO_TLS: readonly Step[] = [
  { act: "client", bytes: line("STARTTLS\r\n") },
  { act: "server", bytes: line("220 2.0.0 Ready\r\n") },
];

/** A ClientHello's record header (RFC 8446 5.1) and what looks like more of it: after it everything is opaque. */
const TLS_RECORDS = ((): Uint8Array => {
  const bytes = new Uint8Array(WINDOW).fill(0x2a);
  bytes.set([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]);
  return bytes;
})();
