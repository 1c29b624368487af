/**
 * The filter, and one command more: a client that sends `XTRAP` makes it trap, as a mistake in it would. It shows what
 * Envoy's failure policies do to mail, and is never shipped.
 */
import { BufferId, readBuffer, windowStart } from "../../assembly/envoy/host";
import { proxy_on_downstream_data as onClient } from "../../assembly/index";

export {
  malloc,
  proxy_abi_version_0_2_1,
  proxy_on_configure,
  proxy_on_context_create,
  proxy_on_delete,
  proxy_on_done,
  proxy_on_downstream_connection_close,
  proxy_on_log,
  proxy_on_new_connection,
  proxy_on_tick,
  proxy_on_upstream_connection_close,
  proxy_on_upstream_data,
  proxy_on_vm_start,
} from "../../assembly/index";

export function proxy_on_downstream_data(context: u32, length: u32, end: u32): u32 {
  const got = length === 7 ? readBuffer(BufferId.downstream, 0, length, windowStart()) : 0;
  if (got === 7 && memory.compare(windowStart(), changetype<usize>(XTRAP), 7) === 0) unreachable();
  return onClient(context, length, end);
}

const XTRAP: ArrayBuffer = String.UTF8.encode("XTRAP\r\n");
