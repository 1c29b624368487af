/** The probe's instructions: each does one host call and logs its name and result. */
import * as env from "./env";
import { allocator, given, OUT, say } from "./memory";

/** Number of the last metric that `define` made, and context of the last connection. */
export let metric: u32 = 0;
export let lastConnection: u32 = 0;
/** Whether the next timer runs the `tick` rule. */
export let armed: bool = false;

export function remember(connection: u32): void {
  lastConnection = connection;
}

export function disarm(): void {
  armed = false;
}

/** A "~" stands for the end of a line. */
function textFrom(words: string[], from: i32): string {
  return words.slice(from).join(" ").replaceAll("~", "\r\n");
}

function bytesOf(text: string): ArrayBuffer {
  return String.UTF8.encode(text);
}

function number(words: string[], at: i32): u32 {
  return at < words.length ? <u32>U64.parseInt(words[at]) : 0;
}

function bytesIn(digits: string): ArrayBuffer {
  const bytes = new Uint8Array(digits.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = <u8>U64.parseInt(digits.substr(i << 1, 2), 16);
  return bytes.buffer;
}

function hex(at: usize, size: u32): string {
  let digits = "";
  for (let i: u32 = 0; i < size; i++)
    digits += load<u8>(at + i)
      .toString(16)
      .padStart(2, "0");
  return digits;
}

/** Runs one instruction. */
export function operate(instruction: string, self: u32): void {
  const words = instruction.split(" ");
  const name = words[0];
  if (name === "arm") {
    armed = true;
  } else if (name === "trap") {
    unreachable();
  } else if (name === "allocator") {
    allocator[0] = number(words, 1);
  } else if (name === "say") {
    say(textFrom(words, 1));
  } else if (name === "tickms") {
    env.proxy_set_tick_period_milliseconds(number(words, 1));
  } else if (!operateBuffer(name, words) && !operateStream(name, words, self) && !store(name, words)) {
    ask(name, words);
  }
}

/** @returns whether it is an instruction about a buffer */
function operateBuffer(name: string, words: string[]): bool {
  if (name === "get") {
    const result = env.proxy_get_buffer_bytes(
      number(words, 1),
      number(words, 2),
      number(words, 3),
      OUT,
      OUT + 4,
    );
    say("get " + result.toString() + (result === 0 ? " " + given(OUT) : ""));
  } else if (name === "status") {
    const result = env.proxy_get_buffer_status(number(words, 1), OUT, OUT + 4);
    const details = result === 0 ? " " + load<u32>(OUT).toString() + " " + load<u32>(OUT + 4).toString() : "";
    say("status " + result.toString() + details);
  } else if (name === "set") {
    const data = bytesOf(textFrom(words, 4));
    const at = changetype<usize>(data);
    const type = number(words, 1);
    const start = number(words, 2);
    const length = number(words, 3);
    say("set " + env.proxy_set_buffer_bytes(type, start, length, at, data.byteLength).toString());
  } else {
    return false;
  }
  return true;
}

/** @returns whether it is an instruction about a stream or a context */
function operateStream(name: string, words: string[], self: u32): bool {
  if (name === "continue") {
    say("continue " + env.proxy_continue_stream(number(words, 1)).toString());
  } else if (name === "close") {
    say("close " + env.proxy_close_stream(number(words, 1)).toString());
  } else if (name === "as") {
    const id = words[1] === "last" ? lastConnection : words[1] === "self" ? self : number(words, 1);
    say("as " + env.proxy_set_effective_context(id).toString());
  } else if (name === "finish") {
    say("finish " + env.proxy_done().toString());
  } else {
    return false;
  }
  return true;
}

/** The key that an instruction names; "/" stands for NUL. */
function keyOf(words: string[]): ArrayBuffer {
  return words.length > 1 ? bytesOf(words[1].replaceAll("/", "\0")) : new ArrayBuffer(0);
}

/** @returns whether it is an instruction about properties, statistics or shared data */
function store(name: string, words: string[]): bool {
  const key = keyOf(words);
  const at = changetype<usize>(key);
  const size: usize = key.byteLength;
  if (name === "property" || name === "number") {
    const result = env.proxy_get_property(at, size, OUT, OUT + 4);
    const value = name === "number" ? hex(load<u32>(OUT), load<u32>(OUT + 4)) : given(OUT);
    say("property " + result.toString() + (result === 0 ? " " + value : ""));
  } else if (name === "store") {
    const value = bytesOf(textFrom(words, 2));
    const result = env.proxy_set_property(at, size, changetype<usize>(value), value.byteLength);
    say("store " + result.toString());
  } else if (name === "define") {
    // define <name> <type>
    const result = env.proxy_define_metric(number(words, 2), at, size, OUT);
    if (result === 0) metric = load<u32>(OUT);
    say("define " + result.toString() + (result === 0 ? " " + metric.toString() : ""));
  } else if (name === "increment") {
    say("increment " + env.proxy_increment_metric(metric, I64.parseInt(words[1])).toString());
  } else if (name === "record") {
    say("record " + env.proxy_record_metric(metric, I64.parseInt(words[1])).toString());
  } else if (name === "value") {
    const result = env.proxy_get_metric(words.length > 1 ? number(words, 1) : metric, OUT);
    say("value " + result.toString() + (result === 0 ? " " + load<u64>(OUT).toString() : ""));
  } else if (name === "share") {
    // share <key> <cas> <value>
    const value = bytesOf(textFrom(words, 3));
    const from = changetype<usize>(value);
    say("share " + env.proxy_set_shared_data(at, size, from, value.byteLength, number(words, 2)).toString());
  } else if (name === "shared") {
    const result = env.proxy_get_shared_data(at, size, OUT, OUT + 4, OUT + 8);
    say("shared " + result.toString() + (result === 0 ? " " + given(OUT) : ""));
  } else {
    return false;
  }
  return true;
}

/** The log, and what a stream does not have. */
function ask(name: string, words: string[]): void {
  const key = keyOf(words);
  const at = changetype<usize>(key);
  const size: usize = key.byteLength;
  if (name === "level") {
    const result = env.proxy_get_log_level(OUT);
    say("level " + result.toString() + " " + load<u32>(OUT).toString());
  } else if (name === "shout") {
    // shout <level> <text>
    const message = bytesOf(textFrom(words, 2));
    const from = changetype<usize>(message);
    say("shout " + env.proxy_log(number(words, 1), from, message.byteLength).toString());
  } else if (name === "respond") {
    say("respond " + env.proxy_send_local_response(500, 0, 0, 0, 0, 0, 0, 0).toString());
  } else if (name === "foreign") {
    // foreign <name> <argument in hexadecimal>
    const argument = words.length > 2 ? bytesIn(words[2]) : new ArrayBuffer(0);
    const from = changetype<usize>(argument);
    const result = env.proxy_call_foreign_function(at, size, from, argument.byteLength, OUT, OUT + 4);
    say("foreign " + result.toString());
  } else if (name === "header") {
    say("header " + env.proxy_get_header_map_value(0, at, size, OUT, OUT + 4).toString());
  } else {
    say("unknown instruction " + name);
  }
}
