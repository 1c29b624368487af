/**
 * The callbacks of proxy-wasm ABI 0.2.1 for network streams: context id to `Session`, root id to `Inspector`. Nothing
 * else is exported: every export of this file becomes one of the module's.
 */
import { allocateForHost, closeConnection } from "./envoy/host";
import { onClient, onServer } from "./flow/chunks";
import { Inspector } from "./inspector";
import { inspectorOf, Session } from "./session/session";
import { findSession } from "./session/table";

/** Root contexts that live, or whose sessions still do. */
const inspectors = new Map<u32, Inspector>();

export function proxy_abi_version_0_2_1(): void {}

export function malloc(size: usize): usize {
  return allocateForHost(size);
}

export function proxy_on_context_create(context: u32, parent: u32): void {
  if (parent != 0) {
    if (inspectors.has(parent)) inspectors.get(parent).adopt(context);
  } else if (context != 0 && !inspectors.has(context)) inspectors.set(context, new Inspector(context));
}

export function proxy_on_vm_start(_root: u32, _size: u32): u32 {
  return 1;
}

export function proxy_on_configure(root: u32, _size: u32): u32 {
  const accepted = inspectors.has(root) && inspectors.get(root).configure();
  collect();
  return accepted ? 1 : 0;
}

export function proxy_on_tick(root: u32): void {
  if (inspectors.has(root)) inspectors.get(root).tick();
}

export function proxy_on_new_connection(context: u32): u32 {
  const s = findSession(context);
  if (s && changetype<Inspector>(inspectorOf(s)).open(s)) return 0;
  return refuse(s);
}

export function proxy_on_downstream_data(context: u32, length: u32, end: u32): u32 {
  const s = findSession(context);
  return s && s.policy != 0 ? onClient(s, length, end != 0) : refuse(s);
}

export function proxy_on_upstream_data(context: u32, length: u32, end: u32): u32 {
  const s = findSession(context);
  if (s && s.policy != 0) onServer(s, length, end != 0);
  else refuse(s);
  return 0;
}

export function proxy_on_downstream_connection_close(context: u32, peer: u32): void {
  const s = findSession(context);
  if (s) changetype<Inspector>(inspectorOf(s)).conclude(s, peer != PEER_REMOTE);
}

export function proxy_on_upstream_connection_close(_context: u32, _peer: u32): void {}

export function proxy_on_done(_context: u32): u32 {
  return 1;
}

export function proxy_on_log(context: u32): void {
  proxy_on_downstream_connection_close(context, 0);
}

export function proxy_on_delete(context: u32): void {
  const s = findSession(context);
  if (s) {
    const inspector = changetype<Inspector>(inspectorOf(s));
    inspector.close(s);
    if (inspector.deleted && inspector.live == 0) forget(inspector.root);
  } else if (inspectors.has(context)) {
    const inspector = inspectors.get(context);
    inspector.deleted = true;
    if (inspector.live == 0) forget(context);
  }
}

/**
 * Closes a connection that cannot be inspected, because there is no room for it, no policy, or the host did not call what
 * begins a session: nothing may pass unread. Returns what a callback answers then.
 */
function refuse(s: Session | null): u32 {
  closeConnection();
  if (s) changetype<Inspector>(inspectorOf(s)).refuse(NOT_BEGUN);
  return 1;
}

function forget(root: u32): void {
  inspectors.get(root).forget();
  inspectors.delete(root);
  collect();
}

/**
 * Gives back the objects that nothing refers to any more. The runtime `minimal` does so only when asked, and only what
 * globals refer to stays: so only at the end of a callback. Objects are made while a policy is read, never for traffic;
 * in return no function on the data path keeps a list of its references, which was a third of its instructions.
 */
function collect(): void {
  // @ts-ignore: the runtime's, which the types of the standard library leave out
  __collect();
}

/** Of the peers that close a connection, the client. */
const PEER_REMOTE: u32 = 2;

const NOT_BEGUN: string =
  "connections are closed because the host called no proxy_on_configure or proxy_on_new_connection before their data: " +
  "add both to the allowed_capabilities of capability_restriction_config";
