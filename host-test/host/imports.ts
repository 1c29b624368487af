import type { LogLevel } from "./abi.js";
import { BufferType, LOG_LEVELS, WasmResult } from "./abi.js";
import { EditBuffer } from "./buffer.js";
import type { BufferView } from "./context.js";
import { callForeign } from "./foreign.js";
import type { Vm } from "./vm.js";

const { Ok, NotFound, BadArgument, InvalidMemoryAccess, Unimplemented } = WasmResult;
const NOTHING = new Uint8Array(0);
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** `proxy_log` accepts trace (0) to critical (5). */
const LAST_LEVEL = LOG_LEVELS.length - 1;

type Calls = Record<string, (...args: never[]) => number>;

/** The module `env` of the proxy-wasm ABI 0.2.1 as Envoy 1.40 implements it, which differs from the document. */
export function envImports(vm: Vm): Calls {
  return {
    ...logAndTime(vm),
    ...buffers(vm),
    ...control(vm),
    ...properties(vm),
    ...statistics(vm),
    ...sharedData(vm),
    ...meaningless(vm),
    ...missing(vm),
  };
}

function logAndTime(vm: Vm): Calls {
  const { clock, logLevel } = vm.env;
  return {
    proxy_log(level: number, pointer: number, size: number): number {
      const bytes = vm.read(pointer, size);
      if (bytes === null) return InvalidMemoryAccess;
      if (level < 0 || level > LAST_LEVEL) return BadArgument;
      if (level < logLevel) return Ok;
      vm.anyContext().log(LOG_LEVELS[level] as LogLevel, decoder.decode(bytes));
      return Ok;
    },
    proxy_get_log_level(at: number): number {
      vm.context();
      return vm.writeU32(at, logLevel) ? Ok : InvalidMemoryAccess;
    },
    proxy_get_current_time_nanoseconds(at: number): number {
      vm.context();
      return vm.writeU64(at, clock.nowNs()) ? Ok : InvalidMemoryAccess;
    },
    proxy_set_tick_period_milliseconds(milliseconds: number): number {
      vm.context().setTickPeriod(milliseconds >>> 0);
      return Ok;
    },
  };
}

function buffers(vm: Vm): Calls {
  /** Type 8 is the buffer that was last asked for. */
  let lastBuffer: BufferView = null;
  /** @returns the buffer, or the result code of the refusal */
  const buffer = (type: number): BufferView | number => {
    if (type < 0 || type > BufferType.CallData) return BadArgument;
    const found = type === BufferType.CallData ? lastBuffer : vm.context().buffer(type);
    if (found === undefined) return NotFound;
    lastBuffer = found;
    return found;
  };
  return {
    proxy_get_buffer_status(type: number, lengthAt: number, flagsAt: number): number {
      const found = buffer(type);
      if (typeof found === "number") return found;
      const length = found === null ? 0 : found.length;
      return vm.writeU32(lengthAt, length) && vm.writeU32(flagsAt, 0) ? Ok : InvalidMemoryAccess;
    },
    proxy_get_buffer_bytes(type: number, start: number, length: number, at: number, sizeAt: number): number {
      const found = buffer(type);
      if (typeof found === "number") return found;
      const from = start >>> 0;
      const bytes = found === null ? NOTHING : found instanceof EditBuffer ? found.peek() : found;
      return give(vm, bytes.subarray(from, from + (length >>> 0)), at, sizeAt);
    },
    proxy_set_buffer_bytes(type: number, start: number, length: number, at: number, size: number): number {
      const found = buffer(type);
      if (typeof found === "number") return found;
      const data = vm.read(at, size);
      if (data === null) return InvalidMemoryAccess;
      if (!(found instanceof EditBuffer)) return BadArgument;
      return found.edit(start >>> 0, length >>> 0, data.slice());
    },
  };
}

function control(vm: Vm): Calls {
  return {
    proxy_continue_stream: (type: number): number => vm.context().continueStream(type >>> 0),
    proxy_close_stream: (type: number): number => vm.context().closeStream(type >>> 0),
    proxy_set_effective_context(id: number): number {
      vm.context();
      return vm.setEffective(id >>> 0) ? Ok : BadArgument;
    },
    proxy_done: (): number => vm.context().done(),
  };
}

function properties(vm: Vm): Calls {
  return {
    proxy_get_property(pointer: number, size: number, valueAt: number, valueSizeAt: number): number {
      const context = vm.context();
      const path = text(vm, pointer, size);
      if (path === null) return InvalidMemoryAccess;
      // One NUL at the end does not begin another segment.
      const value = context.property(path.endsWith("\0") ? path.slice(0, -1) : path);
      return value === null ? NotFound : give(vm, value, valueAt, valueSizeAt);
    },
    proxy_set_property(key: number, keySize: number, value: number, valueSize: number): number {
      const context = vm.context();
      const name = text(vm, key, keySize);
      const bytes = vm.read(value, valueSize);
      if (name === null || bytes === null) return InvalidMemoryAccess;
      return context.setProperty(name, bytes.slice());
    },
  };
}

function statistics(vm: Vm): Calls {
  return {
    proxy_define_metric(type: number, pointer: number, size: number, idAt: number): number {
      vm.context();
      const name = text(vm, pointer, size);
      if (name === null) return InvalidMemoryAccess;
      const id = vm.metrics.define(type, name);
      if (id === null) return BadArgument;
      return vm.writeU32(idAt, id) ? Ok : InvalidMemoryAccess;
    },
    proxy_increment_metric(id: number, offset: bigint): number {
      vm.context();
      return vm.metrics.increment(id >>> 0, offset);
    },
    proxy_record_metric(id: number, value: bigint): number {
      vm.context();
      return vm.metrics.record(id >>> 0, value);
    },
    proxy_get_metric(id: number, valueAt: number): number {
      vm.context();
      const value = vm.metrics.read(id >>> 0);
      if (typeof value !== "bigint") return value.failure;
      return vm.writeU64(valueAt, value) ? Ok : InvalidMemoryAccess;
    },
  };
}

function sharedData(vm: Vm): Calls {
  const { sharedData: shared } = vm.env;
  return {
    proxy_get_shared_data(key: number, keySize: number, at: number, sizeAt: number, casAt: number): number {
      vm.context();
      const name = text(vm, key, keySize);
      if (name === null) return InvalidMemoryAccess;
      const entry = shared.get(name);
      if (entry === undefined) return NotFound;
      const given = give(vm, entry.value, at, sizeAt);
      return given === Ok && !vm.writeU32(casAt, entry.cas) ? InvalidMemoryAccess : given;
    },
    proxy_set_shared_data(key: number, keySize: number, at: number, size: number, cas: number): number {
      vm.context();
      const name = text(vm, key, keySize);
      const value = vm.read(at, size);
      if (name === null || value === null) return InvalidMemoryAccess;
      return shared.set(name, value.slice(), cas >>> 0);
    },
  };
}

/** On a network stream these do nothing, or find nothing (README.md, "What this folder leaves out"). */
function meaningless(vm: Vm): Calls {
  return {
    proxy_get_status(codeAt: number, messageAt: number, sizeAt: number): number {
      vm.context();
      return vm.writeU32(codeAt, 0) ? give(vm, encoder.encode(""), messageAt, sizeAt) : InvalidMemoryAccess;
    },
    proxy_send_local_response: answer(vm, Ok),
    proxy_call_foreign_function(name: number, nameSize: number, at: number, size: number): number {
      const context = vm.context();
      const called = text(vm, name, nameSize);
      const argument = vm.read(at, size);
      if (called === null || argument === null) return InvalidMemoryAccess;
      return callForeign(context, called, argument);
    },
    proxy_add_header_map_value: answer(vm, BadArgument),
    proxy_get_header_map_value: answer(vm, BadArgument),
    proxy_replace_header_map_value: answer(vm, BadArgument),
    proxy_remove_header_map_value: answer(vm, BadArgument),
    proxy_set_header_map_pairs: answer(vm, BadArgument),
    proxy_get_header_map_size: answer(vm, BadArgument),
    proxy_get_header_map_pairs(_type: number, at: number, sizeAt: number): number {
      vm.context();
      return give(vm, NOTHING, at, sizeAt);
    },
  };
}

/** This host has no clusters to call and no queues. */
function missing(vm: Vm): Calls {
  return {
    proxy_http_call: answer(vm, BadArgument),
    proxy_grpc_call: answer(vm, BadArgument),
    proxy_grpc_stream: answer(vm, BadArgument),
    proxy_grpc_cancel: answer(vm, NotFound),
    proxy_grpc_close: answer(vm, NotFound),
    proxy_grpc_send: answer(vm, NotFound),
    proxy_register_shared_queue: answer(vm, Unimplemented),
    proxy_resolve_shared_queue: answer(vm, NotFound),
    proxy_dequeue_shared_queue: answer(vm, NotFound),
    proxy_enqueue_shared_queue: answer(vm, NotFound),
  };
}

/** Checks that the call is allowed now, and does nothing. */
const answer = (vm: Vm, result: number) => (): number => {
  vm.context();
  return result;
};

/** Passes `bytes` to the module; allocates nothing when there are none. */
function give(vm: Vm, bytes: Uint8Array, pointerAt: number, sizeAt: number): number {
  const pointer = bytes.length === 0 ? 0 : vm.give(bytes);
  if (bytes.length !== 0 && pointer === 0) return InvalidMemoryAccess;
  return vm.writeU32(pointerAt, pointer) && vm.writeU32(sizeAt, bytes.length) ? Ok : InvalidMemoryAccess;
}

/** @returns null when it is out of bounds */
function text(vm: Vm, pointer: number, size: number): string | null {
  const bytes = vm.read(pointer, size);
  return bytes === null ? null : decoder.decode(bytes);
}
