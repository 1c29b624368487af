import type { LogLevel } from "./abi.js";
import { LOG_LEVELS } from "./abi.js";
import type { Vm } from "./vm.js";
import { Gate, WasmTrap } from "./vm.js";

const Errno = { Success: 0, BadFile: 8, Fault: 21, NoEntry: 44, NoSystemCall: 52, NotSupported: 58 } as const;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Functions that only return an error, as there are no files and no sockets (cpp-host src/exports.cc). */
const REFUSED: Record<string, number> = {
  fd_read: Errno.NoSystemCall,
  fd_seek: Errno.Success,
  fd_close: Errno.Success,
  fd_fdstat_set_flags: Errno.NoSystemCall,
  fd_prestat_get: Errno.BadFile,
  fd_prestat_dir_name: Errno.NoSystemCall,
  fd_filestat_get: Errno.BadFile,
  path_open: Errno.NoEntry,
  path_filestat_get: Errno.NotSupported,
  sched_yield: Errno.Success,
  poll_oneoff: Errno.NoSystemCall,
  environ_get: Errno.Success,
  args_get: Errno.Success,
};

type Calls = Record<string, (...args: never[]) => number>;

/** `wasi_snapshot_preview1`, and its old name `wasi_unstable`, as far as Envoy implements it. */
export function wasiImports(vm: Vm): Calls {
  const twoZeros = (first: number, second: number): number => {
    notInAllocator(vm);
    return vm.writeU32(first, 0) && vm.writeU32(second, 0) ? Errno.Success : Errno.Fault;
  };
  return {
    ...refused(vm),
    ...output(vm),
    ...clocks(vm),
    random_get(pointer: number, size: number): number {
      notInAllocator(vm);
      const target = vm.read(pointer, size);
      if (target === null) return Errno.Fault;
      // getRandomValues gives at most 65,536 bytes per call.
      for (let at = 0; at < target.length; at += 65_536) {
        crypto.getRandomValues(target.subarray(at, at + 65_536) as Uint8Array<ArrayBuffer>);
      }
      return Errno.Success;
    },
    environ_sizes_get: twoZeros,
    args_sizes_get: twoZeros,
    proc_exit(): number {
      throw new WasmTrap("proc_exit");
    },
  };
}

/** `_initialize` may call all of WASI, an allocator only three functions. */
function notInAllocator(vm: Vm): void {
  if (vm.gate === Gate.Allocator) throw new WasmTrap("restricted_callback");
}

function refused(vm: Vm): Calls {
  const answers = Object.entries(REFUSED).map(([name, errno]) => {
    const answer = (): number => {
      if (name !== "poll_oneoff") notInAllocator(vm);
      return errno;
    };
    return [name, answer] as const;
  });
  return Object.fromEntries(answers);
}

function output(vm: Vm): Calls {
  return {
    fd_write(fd: number, vectors: number, count: number, writtenAt: number): number {
      const level: LogLevel | null = fd === 1 ? "info" : fd === 2 ? "error" : null;
      if (level === null) return Errno.BadFile;
      const text = gather(vm, vectors, count);
      if (text === null) return Errno.Fault;
      const context = vm.anyContext();
      if (text.length > 0 && LOG_LEVELS.indexOf(level) >= vm.env.logLevel) {
        context.spec.log(level, decoder.decode(text).replace(/\n$/, ""), vm.worker);
      }
      return vm.writeU32(writtenAt, text.length) ? Errno.Success : Errno.Fault;
    },
    fd_fdstat_get(fd: number, at: number): number {
      notInAllocator(vm);
      if (fd !== 1 && fd !== 2) return Errno.BadFile;
      // fs_rights_base = FD_WRITE
      const written = vm.writeU64(at, 0n) && vm.writeU64(at + 8, 64n) && vm.writeU64(at + 16, 0n);
      return written ? Errno.Success : Errno.Fault;
    },
  };
}

function clocks(vm: Vm): Calls {
  return {
    clock_time_get(clock: number, _precision: bigint, at: number): number {
      if (clock > 1) return Errno.NotSupported;
      const now = clock === 0 ? vm.env.clock.nowNs() : vm.env.clock.monotonicNs();
      return vm.writeU64(at, now) ? Errno.Success : Errno.Fault;
    },
    clock_res_get(clock: number, at: number): number {
      notInAllocator(vm);
      if (clock > 1) return Errno.NotSupported;
      return vm.writeU64(at, 1n) ? Errno.Success : Errno.Fault;
    },
  };
}

/** The bytes of an iovec list; null if a part is out of bounds. */
function gather(vm: Vm, vectors: number, count: number): Uint8Array | null {
  const bytes: number[] = [];
  for (let i = 0; i < count; i++) {
    const entry = vm.read(vectors + i * 8, 8);
    if (entry === null) return null;
    const view = new DataView(entry.buffer, entry.byteOffset, 8);
    const part = vm.read(view.getUint32(0, true), view.getUint32(4, true));
    if (part === null) return null;
    for (const byte of part) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}
