/**
 * A filter that does what its configuration says, to see how a host answers. The configuration has one rule per line,
 *   <event> [<beginning of the data>] = <instruction>; <instruction>; …
 * and the first that matches an event is run. Every callback logs its name and arguments first; "return <n>" is what
 * the callback returns, the usual answer otherwise. Instructions are those of operations.ts.
 */
import * as env from "./env";
import { allocate, given, OUT, say } from "./memory";
import { armed, disarm, lastConnection, operate, remember } from "./operations";

/** Rules of each root context, and the root of each context. */
const rules = new Map<u32, string[]>();
const parents = new Map<u32, u32>();

say("initialize");

/** The instructions for `event`; none if no rule matches. */
function find(event: string, id: u32, data: string): string[] {
  const root = parents.has(id) ? parents.get(id) : id;
  const lines = rules.has(root) ? rules.get(root) : [];
  for (let i = 0; i < lines.length; i++) {
    const at = lines[i].indexOf(" = ");
    if (at < 0) continue;
    const left = lines[i].substring(0, at);
    const space = left.indexOf(" ");
    const name = space < 0 ? left : left.substring(0, space);
    if (name !== event) continue;
    if (space >= 0 && !data.startsWith(left.substring(space + 1))) continue;
    return lines[i].substring(at + 3).split("; ");
  }
  return [];
}

/** Runs the rule for `event`. @returns its result, else `usual` */
function run(event: string, id: u32, usual: u32, data: string = ""): u32 {
  const instructions = find(event, id, data);
  let result = usual;
  for (let i = 0; i < instructions.length; i++) {
    if (instructions[i].startsWith("return ")) result = <u32>U64.parseInt(instructions[i].substring(7));
    else operate(instructions[i], id);
  }
  return result;
}

function beginning(type: u32): string {
  if (env.proxy_get_buffer_bytes(type, 0, 16, OUT, OUT + 4) !== 0) return "";
  return given(OUT);
}

export function malloc(size: usize): usize {
  return allocate(size);
}

export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_context_create(id: u32, parent: u32): void {
  say(`create ${id} ${parent}`);
  if (parent === 0) {
    run("create", id, 0);
  } else {
    parents.set(id, parent);
    remember(id);
  }
}

export function proxy_on_vm_start(id: u32, size: u32): u32 {
  say(`start ${id} ${size}`);
  return 1;
}

export function proxy_on_configure(id: u32, size: u32): u32 {
  env.proxy_get_buffer_bytes(7, 0, size, OUT, OUT + 4);
  rules.set(id, given(OUT).split("\n"));
  say(`configure ${id} ${size}`);
  return run("configure", id, 1);
}

export function proxy_on_new_connection(id: u32): u32 {
  say(`new ${id}`);
  return run("new", id, 0);
}

export function proxy_on_downstream_data(id: u32, size: u32, end: u32): u32 {
  say(`down ${id} ${size} ${end}`);
  return run("down", id, 0, beginning(2));
}

export function proxy_on_upstream_data(id: u32, size: u32, end: u32): u32 {
  say(`up ${id} ${size} ${end}`);
  return run("up", id, 0, beginning(3));
}

export function proxy_on_downstream_connection_close(id: u32, peer: u32): void {
  say(`downclose ${id} ${peer}`);
  run("downclose", id, 0);
}

export function proxy_on_upstream_connection_close(id: u32, peer: u32): void {
  say(`upclose ${id} ${peer}`);
  run("upclose", id, 0);
}

/** Silent unless armed: Envoy's timer fires when it likes, and on the main thread too. */
export function proxy_on_tick(id: u32): void {
  if (!armed || lastConnection === 0) return;
  disarm();
  say(`tick ${id}`);
  run("tick", id, 0);
}

export function proxy_on_done(id: u32): u32 {
  say(`done ${id}`);
  return run("done", id, 1);
}

export function proxy_on_log(id: u32): void {
  say(`log ${id}`);
  run("log", id, 0);
}

export function proxy_on_delete(id: u32): void {
  say(`delete ${id}`);
  run("delete", id, 0);
}
