/** A copy of the tree in which the filter is changed, built and tested; the tree itself is never touched. */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { compile } from "../fuzz/compile.js";
import type { Change } from "./changes.js";

export type Verdict = "noticed" | "survived" | "equivalent" | "did not compile" | "stopped";
/** Arguments of one run of vitest. */
export type Suite = readonly string[];

/** The folders of tests that drive the filter, and those of their tests that build a module of their own. */
const ROOMS = ["/test/filter/", "/test/workbench/"];
const APART = ["--exclude", "**/workbench/{vector,bounds}.test.ts"];
const LIKELY = "vectors,modes,queue,memory,policy,policy-effect,timing,properties,properties-reading";
const CUT = ", byte by byte|, cut at every byte|, only watched";
const whole = ["-t", `^(?!.*(${CUT})$)`];
/** What is likely to notice: the vectors only whole, and few cases of the properties. */
export const QUICK: Suite = [
  ...LIKELY.split(",").map((name) => `/filter/${name}.test.ts`),
  ...["/filter/noticed-", "/cli/docs.test.ts", ...whole],
];
/** The instructions too: a change that only makes the filter slower is one that they notice. */
export const REST: Suite = [...ROOMS, "/bench/bench.test.ts", ...APART];
export const ENVOY: Suite = ["/test/envoy/"];
const FEW = { SMTP_INSPECTOR_PROPERTY_RUNS: "30", SMTP_INSPECTOR_SEED: "1", NO_COLOR: "1" };

/** Beyond so many times what the unchanged filter takes, and half a minute, a run is taken for an endless loop. */
const PATIENCE = 4;

export class Lab {
  readonly copy = mkdtempSync(join(tmpdir(), "smtp-inspector-mutants-"));
  readonly #stop: AbortSignal;
  readonly #suites: { suite: Suite; limitMs: number }[] = [];
  #original: Buffer = Buffer.alloc(0);

  /** @param project the tree @param stop ends what runs */
  constructor(project: string, stop: AbortSignal) {
    this.#stop = stop;
    const left = /^(node_modules|\.git|\.tools|build)$/;
    cpSync(project, this.copy, { recursive: true, filter: (path) => !left.test(relative(project, path)) });
    mkdirSync(join(this.copy, "build"));
    // Each package by itself: what the tests keep beside them stays in the copy.
    const packages = readdirSync(join(project, "node_modules")).filter((name) => name !== ".vite");
    mkdirSync(join(this.copy, "node_modules"));
    for (const name of [".tools", ...packages.map((each) => `node_modules/${each}`)])
      if (existsSync(join(project, name))) symlinkSync(join(project, name), join(this.copy, name));
  }

  /** Builds the unchanged filter and runs `suites` on it. @throws Error when one does not pass */
  async begin(suites: readonly Suite[]): Promise<void> {
    this.#original = await this.#build();
    for (const suite of suites) {
      const start = performance.now();
      const { passed, output } = await this.#run(suite, 2 ** 31 - 1);
      if (!passed && !this.#stop.aborted) throw new Error(`the tests fail without a change:\n${output}`);
      this.#suites.push({ suite, limitMs: 30_000 + PATIENCE * (performance.now() - start) });
    }
  }

  /** Makes `change`, says what came of it, and takes it back. */
  async judge({ file, start, end, text }: Change): Promise<Verdict> {
    if (this.#stop.aborted) return "stopped";
    const path = join(this.copy, file);
    const source = readFileSync(path, "utf8");
    writeFileSync(path, source.slice(0, start) + text + source.slice(end));
    try {
      const wasm = await this.#build().catch(() => null);
      if (wasm === null) return "did not compile";
      if (wasm.equals(this.#original)) return "equivalent";
      for (const { suite, limitMs } of this.#suites) {
        const { passed } = await this.#run(suite, limitMs);
        if (this.#stop.aborted) return "stopped";
        if (!passed) return "noticed";
      }
      return "survived";
    } finally {
      writeFileSync(path, source);
    }
  }

  close(): void {
    rmSync(this.copy, { recursive: true, force: true });
  }

  async #build(): Promise<Buffer> {
    const wasm = Buffer.from(await compile(this.copy, "assembly/index.ts", ["--target", "release"]));
    writeFileSync(join(this.copy, "build/smtp-inspector.wasm"), wasm);
    return wasm;
  }

  async #run(suite: Suite, limitMs: number): Promise<{ passed: boolean; output: string }> {
    // A busy machine must not pass for a test that notices.
    const once = ["--no-isolate", "--bail", "1", "--maxWorkers", "1", "--testTimeout", "240000"];
    const args = ["node_modules/vitest/vitest.mjs", "run", ...once, ...suite];
    // A run of vitest must not take itself for a worker of another one.
    const plain = Object.entries(process.env).filter(([name]) => !/^VITEST|^NODE_ENV$/.test(name));
    const env = { ...Object.fromEntries(plain), ...FEW };
    // A group of its own, so that workers that loop for ever end with it.
    const child = spawn(process.execPath, args, { cwd: this.copy, env, detached: true });
    const kill = (): void => void (child.pid !== undefined && process.kill(-child.pid, "SIGKILL"));
    const timer = setTimeout(kill, this.#stop.aborted ? 0 : limitMs);
    this.#stop.addEventListener("abort", kill);
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text) => (output = `${output}${text}`.slice(-4000)));
    const code = await new Promise((resolve) => child.once("close", resolve));
    clearTimeout(timer);
    this.#stop.removeEventListener("abort", kill);
    return { passed: code === 0, output };
  }
}
