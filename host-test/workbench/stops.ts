/** Why a session is shown from some place on, but no longer inspected. */
export const Stop = {
  refused: "the recorded client switched to TLS, which this policy refuses",
  encrypted: "the filter starts TLS here, and the recording does not have what is said inside",
  elsewhere: "TLS starts here in the recording, but not under this policy",
  flood: "the client sends more without waiting than a server would read",
} as const;

/** The largest window of Linux (tcp_rmem): a client could not send more through the filter before it is read. */
export const MOST_UNREAD = 6 * 1024 * 1024;
