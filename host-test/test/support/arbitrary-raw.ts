/**
 * Calls the module's exports in any order with any arguments, which no host does. The host side here keeps to the ABI
 * where memory is concerned and to nothing else: any buffer may be there, longer or shorter than told, or refuse.
 */
import { instantiateSync } from "@assemblyscript/loader";
import fc from "fast-check";
import { bytes } from "./arbitrary.js";
import { smtpAlphabet, line, noise } from "./grammar.js";
import { wasmModule } from "./vector-node.js";

/** One call from outside. `claimed` is the length that the module is told, which need not be that of the buffer. */
export interface RawCall {
  name: string;
  context: number;
  argument: number;
  end: number;
  buffer: string | null;
  /** The host refuses all edits in this call. */
  refuses: boolean;
}

/** Root contexts 1 and 2, streams 3 to 6 under them, and 9 that nobody ever made. */
const CONTEXTS = [0, 1, 2, 3, 4, 5, 6, 9];
const NAMES = [
  "proxy_on_context_create",
  "proxy_on_vm_start",
  "proxy_on_configure",
  "proxy_on_tick",
  "proxy_on_new_connection",
  "proxy_on_downstream_connection_close",
  "proxy_on_upstream_connection_close",
  "proxy_on_done",
  "proxy_on_log",
  "proxy_on_delete",
];

const POLICIES = ["", "{}", '{"profile":"strict"}', '{"profile":"monitor"}', '{"profile":"no"}', "{"];

const control: fc.Arbitrary<RawCall> = fc
  .tuple(
    fc.constantFrom(...NAMES),
    fc.constantFrom(...CONTEXTS),
    fc.constantFrom(0, 1, 2, 3),
    fc.constantFrom(...POLICIES),
  )
  .map(([name, context, argument, buffer]) => ({ name, context, argument, end: 0, buffer, refuses: false }));

const wire = fc.oneof(
  { weight: 3, arbitrary: line },
  smtpAlphabet,
  noise,
  fc.constantFrom("220 mx\r\n", "250 ok\r\n", "354 go\r\n", "334 \r\n"),
);

const data: fc.Arbitrary<RawCall> = fc
  .tuple(
    fc.constantFrom("proxy_on_downstream_data", "proxy_on_upstream_data"),
    fc.constantFrom(...CONTEXTS),
    fc.oneof({ weight: 8, arbitrary: wire }, fc.constant(null)),
    fc.constantFrom(0, 0, 0, 0, 1),
    fc.constantFrom(0, 0, 0, 0, 0, 0, -1, 1, 7, 70_000),
    fc.constantFrom(false, false, false, false, true),
  )
  .map(([name, context, buffer, end, wrong, refuses]) => {
    return { name, context, argument: Math.max(0, (buffer ?? "").length + wrong), end, buffer, refuses };
  });

/** Some of what a host does first, then anything. */
export const rawCalls: fc.Arbitrary<RawCall[]> = fc
  .tuple(
    fc.constantFrom(...POLICIES),
    fc.subarray([1, 2, 3, 4]),
    fc.array(fc.oneof({ weight: 2, arbitrary: data }, control), { maxLength: 40 }),
  )
  .map(([policy, made, calls]) => {
    const call = (name: string, context: number, argument: number): RawCall => {
      return { name, context, argument, end: 0, buffer: policy, refuses: false };
    };
    const first = made.flatMap((context) => [
      call("proxy_on_context_create", context, context < 3 ? 0 : context - 2),
      call(context < 3 ? "proxy_on_configure" : "proxy_on_new_connection", context, policy.length),
    ]);
    return [...first, ...calls];
  });

type Callback = (...args: number[]) => number | undefined;

/** An instance with nothing around it. */
export class RawModule {
  readonly #exports: Record<string, Callback>;
  readonly #memory: WebAssembly.Memory;
  #buffer: Uint8Array | null = null;
  #refuses = false;
  #metrics = 0;
  #time = 1_700_000_000_000_000_000n;

  constructor() {
    const env = this.#env();
    const random = { random_get: () => (this.#refuses ? 1 : 0) };
    const { instance } = instantiateSync(wasmModule(), { env, wasi_snapshot_preview1: random });
    this.#exports = instance.exports as Record<string, Callback>;
    this.#memory = instance.exports["memory"] as WebAssembly.Memory;
    this.#exports["_initialize"]?.();
  }

  /** The size of the linear memory in bytes. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** @throws WebAssembly.RuntimeError when the module traps */
  call({ name, context, argument, end, buffer, refuses }: RawCall): number {
    this.#buffer = buffer === null ? null : bytes(buffer);
    this.#refuses = refuses;
    this.#time += 300_000_000n;
    return this.#exports[name]?.(context, argument, end) ?? 0;
  }

  #put(at: number, value: number): void {
    new DataView(this.#memory.buffer).setUint32(at, value, true);
  }

  /** As a host does: asks for room, writes, and tells where. */
  #give(data: Uint8Array, pointerAt: number, sizeAt: number): number {
    const at = this.#exports["malloc"]?.(data.length) ?? 0;
    if (at === 0) return 6;
    new Uint8Array(this.#memory.buffer, at, data.length).set(data);
    this.#put(pointerAt, at);
    this.#put(sizeAt, data.length);
    return 0;
  }

  #env(): Record<string, (...args: never[]) => number> {
    const ok = (): number => 0;
    return {
      proxy_log: ok,
      proxy_increment_metric: ok,
      proxy_continue_stream: ok,
      proxy_close_stream: ok,
      proxy_set_tick_period_milliseconds: ok,
      proxy_set_property: ok,
      proxy_set_effective_context: (context: number) => (context === 9 ? 2 : 0),
      proxy_get_current_time_nanoseconds: (at: number) => {
        new DataView(this.#memory.buffer).setBigUint64(at, this.#time, true);
        return 0;
      },
      proxy_define_metric: (_kind: number, _name: number, _size: number, at: number) => {
        this.#put(at, ++this.#metrics);
        return 0;
      },
      proxy_get_property: (_path: number, _size: number, at: number, sizeAt: number) => {
        return this.#refuses ? 1 : this.#give(bytes("[2001:db8::1]:2525"), at, sizeAt);
      },
      ...this.#sharedCalls(),
      ...this.#bufferCalls(),
    } as Record<string, (...args: never[]) => number>;
  }

  /** A value that others may have written: of any size, and changed whenever it is to be written. */
  #sharedCalls(): Record<string, (...args: never[]) => number> {
    return {
      proxy_get_shared_data: (_key: number, _size: number, at: number, sizeAt: number, casAt: number) => {
        this.#put(casAt, 1);
        const size = this.#metrics % 3 === 0 ? 16 : 256;
        return this.#refuses ? 1 : this.#give(new Uint8Array(size).fill(this.#metrics), at, sizeAt);
      },
      proxy_set_shared_data: () => (this.#refuses ? 8 : 0),
      proxy_call_foreign_function: () => (this.#refuses ? 1 : 0),
    };
  }

  #bufferCalls(): Record<string, (...args: never[]) => number> {
    return {
      proxy_get_buffer_status: (_type: number, at: number) => {
        if (this.#buffer === null) return 1;
        this.#put(at, this.#buffer.length);
        return 0;
      },
      proxy_get_buffer_bytes: (_type: number, start: number, length: number, at: number, sizeAt: number) => {
        if (this.#buffer === null) return 1;
        return this.#give(this.#buffer.slice(start, start + length), at, sizeAt);
      },
      proxy_set_buffer_bytes: (_type: number, start: number, length: number, from: number, size: number) => {
        if (this.#refuses || this.#buffer === null) return 2;
        const added = new Uint8Array(this.#memory.buffer, from, size);
        const kept = start >= this.#buffer.length ? this.#buffer : this.#buffer.slice(length);
        const both = start >= this.#buffer.length ? [kept, added] : [added, kept];
        this.#buffer = Uint8Array.from(both.flatMap((part) => [...part]));
        return 0;
      },
    };
  }
}
