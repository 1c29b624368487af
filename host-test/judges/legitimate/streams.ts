/** All legitimate conversations, and which servers do not take them even without the filter. */
import type { Stream } from "../steps.js";
import { CONVERSATIONS } from "./conversations.js";
import { ENVELOPES } from "./envelopes.js";

/** Programs that refuse a conversation on grounds of their own. */
const REFUSED: Record<string, string[]> = {
  // OpenSMTPD wants headers to look like headers.
  "a dot as the very first byte": ["OpenSMTPD"],
  // Exim 4.96 waits for a chunk in which only RSET comes.
  "BDAT, then RSET, then BDAT": ["Exim"],
  // Neither takes quoted local parts with a space or an at sign in them.
  "a quoted local part": ["OpenSMTPD", "smtp-server"],
  "a quoted at sign": ["OpenSMTPD", "smtp-server"],
  // Debian 12's OpenSMTPD fails in the handshake: "SSL routines::EVP lib".
  "STARTTLS, then a message": ["OpenSMTPD"],
};

/** The rows of legitimate mail, each with a name of its own. */
export const LEGITIMATE: readonly Stream[] = [...CONVERSATIONS, ...ENVELOPES].map((stream) => {
  const refusedBy = REFUSED[stream.name];
  return refusedBy === undefined ? stream : { ...stream, refusedBy };
});
