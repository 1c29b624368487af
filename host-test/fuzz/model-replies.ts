/** What the model server says. */

/** What the server offers: everything; little, and no STARTTLS; no EHLO at all; only STARTTLS. */
export const OFFERS: readonly string[] = [
  [
    "250-mx.example\r\n250-PIPELINING\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n",
    "250-CHUNKING\r\n250-BINARYMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250-XCLIENT NAME\r\n250-XEXCH50\r\n250-VRFY\r\n",
    "250 ENHANCEDSTATUSCODES\r\n",
  ].join(""),
  "250-mx.example\r\n250-SIZE\r\n250 AUTH LOGIN\r\n",
  "502 5.5.1 no\r\n",
  "250-mx.example\r\n250 STARTTLS\r\n",
];

/** Replies to commands that change nothing. */
export const ANSWERS: Record<string, string> = {
  VRFY: "252 2.1.5 perhaps",
  EXPN: "252 2.1.5 perhaps",
  HELP: "214 see RFC 5321",
  ETRN: "250 2.0.0 ok",
  TURN: "502 5.5.1 no",
  ATRN: "450 4.0.0 not now",
};
