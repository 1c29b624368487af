import { clientEdits } from "../envoy/edits";
import { actFor, BufferId, bufferLength, closeConnection, continueDownstream } from "../envoy/host";
import { Awaited } from "../policy/policy";
import { beginLooks, nextOverdue } from "../session/patience";
import { Session, statisticsOf } from "../session/session";
import { endByTimeout, endSilently, settle } from "../verdict/enforce";
import { noteRefusedEdit } from "../verdict/report";
import { Counter } from "../telemetry/generated-statistics";

/** Ends the sessions that have waited for longer than their policies allow, as a tick at `now` finds them. */
export function endOverdue(now: u64): void {
  beginLooks(now);
  for (let address = nextOverdue(); address != 0; address = nextOverdue()) end(changetype<Session>(address));
}

/**
 * The client gets the replies that still come and then 421. Only bytes of the server can be made into that: where the
 * client is waited for, a QUIT gets them; where the server is, its answer within the close deadline does. Nothing is said
 * where neither can be: the client never spoke, or what is only watched must not be changed.
 */
function end(s: Session): void {
  const byClient = s.awaited == <u8>Awaited.command || s.awaited == <u8>Awaited.data_block;
  statisticsOf(s).add(byClient ? Counter.client_timeouts : Counter.server_timeouts);
  const speaks = s.edits && (s.holding || s.outstanding > 0 || s.awaited == <u8>Awaited.greeting);
  if (!speaks || !actFor(s.context)) {
    endSilently(s);
    return;
  }
  const writes = s.holding && s.outstanding == 0;
  clientEdits.begin(writes ? bufferLength(BufferId.downstream) : 0, writes);
  endByTimeout(s);
  if (!writes) return;
  settle(s);
  if (clientEdits.finish()) continueDownstream();
  else {
    noteRefusedEdit(s);
    closeConnection();
  }
}
