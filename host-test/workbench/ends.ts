/** How a live session ended, in words. */

/** @param closed why its connection is closed: a reason of `Connection.closed` */
export function endOf(findings: number, closed: string): string {
  const found = findings === 0 ? "no findings" : `${findings} finding${findings === 1 ? "" : "s"}`;
  return `${found}; ${endedBy(closed)}`;
}

/** Who ended it. @param closed as above */
export const endedBy = (closed: string): string => CLOSED[closed] ?? "the filter closes";

/** The host's close reasons in words; all others are the filter's own close. */
const CLOSED: Record<string, string> = {
  ended: "both sides ended",
  client_reset: "the client has gone away",
  server_reset: "the server has gone away",
  filter_chain_is_being_removed: "the proxy closes",
  wasm_trap: "the filter failed",
};
