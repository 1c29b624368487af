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

/**
 * Lines that are no command of any server (FEAT is FTP's, and a password whose AUTH failed is read as a command), a recipient
 * longer than any mailbox, and more recipients than a server has to take at once.
 */
const REPORTED: Readonly<Record<string, string[]>> = {
  "HELP and an unknown command": ["unknown_command"],
  "a recipient that is refused": ["path_too_long"],
  "2,000 recipients": ["too_many_recipients"],
  "AUTH LOGIN whose name reads like a command": ["unknown_command"],
};

/** The rows of legitimate mail, each with a name of its own. */
export const LEGITIMATE: readonly Stream[] = [...CONVERSATIONS, ...ENVELOPES].map((stream) => {
  const [refusedBy, reported] = [REFUSED[stream.name], REPORTED[stream.name]];
  return {
    ...stream,
    ...(refusedBy === undefined ? {} : { refusedBy }),
    ...(reported === undefined ? {} : { reported }),
  };
});
