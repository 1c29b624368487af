/** What the benchmark compiles besides the filter. */
import { compile } from "../../fuzz/compile.js";

/** Options for a module without our code: no runtime, nothing that Envoy does not provide. */
const BARE = ["--runtime", "stub", "--use", "abort=", "--exportStart", "_initialize"];

/**
 * A filter that does nothing, or reads each buffer once as ours does: what a figure has above it is the module's own.
 */
export function compileEmpty(directory: string, reads: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const read = (buffer: number): string => {
    return reads
      ? `proxy_get_buffer_bytes(${buffer}, 0, min<u32>(length, 65536), results, results + 4);`
      : "";
  };
  const source = `
    import { proxy_get_buffer_bytes } from "proxy-wasm-sdk-as/assembly/imports";
    const arena: usize = memory.data(65536);
    const results: usize = memory.data(16);
    export function proxy_abi_version_0_2_1(): void {}
    export function malloc(size: usize): usize { return size > 65536 ? 0 : arena; }
    export function proxy_on_context_create(context: u32, parent: u32): void {}
    export function proxy_on_vm_start(root: u32, size: u32): u32 { return 1; }
    export function proxy_on_configure(root: u32, size: u32): u32 { return 1; }
    export function proxy_on_tick(root: u32): void {}
    export function proxy_on_new_connection(context: u32): u32 { return 0; }
    export function proxy_on_downstream_data(context: u32, length: u32, end: u32): u32 { ${read(2)} return 0; }
    export function proxy_on_upstream_data(context: u32, length: u32, end: u32): u32 { ${read(3)} return 0; }
    export function proxy_on_downstream_connection_close(context: u32, peer: u32): void {}
    export function proxy_on_upstream_connection_close(context: u32, peer: u32): void {}
    export function proxy_on_done(context: u32): u32 { return 1; }
    export function proxy_on_log(context: u32): void {}
    export function proxy_on_delete(context: u32): void {}`;
  return compile(directory, "assembly/bench-empty.ts", [...BARE, "--optimizeLevel", "3"], {
    source,
    joins: false,
  });
}

/**
 * The release with one more export, which reads message data at `from` and counts the events: the scanner is compiled
 * and optimised as in the release, with nothing around it.
 */
export function compileScanner(directory: string): Promise<Uint8Array<ArrayBuffer>> {
  const source = `
    import { DataEvent, DataScan, DataState } from "./smtp/data";
    const scan = new DataScan();
    export function scan_data(from: usize, length: u32): u32 {
      scan.state = DataState.start;
      const to = from + length;
      let events: u32 = 0;
      let at = from;
      while (at < to) {
        if (scan.run(at, to) != DataEvent.none) events++;
        at = scan.at;
      }
      return events;
    }`;
  return compile(directory, "assembly/bench-scan.ts", ["--target", "release"], { source, joins: true });
}

/** The release with the names of its functions, and its memory from `memoryBase` on. */
export function compileNamed(directory: string, memoryBase: number): Promise<Uint8Array<ArrayBuffer>> {
  const flags = ["--target", "release", "--debug", "--memoryBase", String(memoryBase)];
  return compile(directory, "assembly/index.ts", flags);
}
