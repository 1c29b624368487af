/** Functions that Envoy has beyond the ABI: the one that the filter calls (README.md, 9). */
import { WasmResult } from "./abi.js";
import type { HostContext } from "./context.js";

/** Filter state that another filter reads, by the names that Envoy has factories for; here tcp_proxy's. */
const KNOWN = ["envoy.tcp_proxy.cluster"];

const decoder = new TextDecoder();

/** `proxy_call_foreign_function`, in `context`. @returns its result; nothing that is here has an answer */
export function callForeign(context: HostContext, name: string, argument: Uint8Array): number {
  if (name !== "set_envoy_filter_state") return WasmResult.NotFound;
  const fields = fieldsOf(argument);
  if (fields === null) return WasmResult.BadArgument;
  const path = decoder.decode(fields.get(1));
  if (!KNOWN.includes(path)) return WasmResult.NotFound;
  return context.setFilterState(path, fields.get(2) ?? new Uint8Array(0));
}

/** Texts of a protobuf message by their numbers; numbers are passed over. Null when it is none. */
function fieldsOf(message: Uint8Array): Map<number, Uint8Array> | null {
  const texts = new Map<number, Uint8Array>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35 && at < message.length; shift += 7) {
      const byte = message[at++] as number;
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
    return -1;
  };
  while (at < message.length) {
    const tag = varint();
    const value = varint();
    if (tag < 0 || value < 0) return null;
    if ((tag & 7) === 0) continue;
    if ((tag & 7) !== 2 || at + value > message.length) return null;
    texts.set(tag >> 3, message.slice(at, at + value));
    at += value;
  }
  return texts;
}
