/** What the table asks of a mail server: where it listens, what it offers, and which messages it has accepted. */

/** A message that a server took responsibility for. Strings are one character a byte. */
export interface Kept {
  /** Envelope sender without angle brackets. */
  from: string;
  /** Envelope recipients in the order in which they were accepted, as far as the server still knows it. */
  to: string[];
  /** The content without the headers that the server itself put in front, line ends as CRLF. */
  content: string;
}

/** A running server on 127.0.0.1. */
export interface MailServer {
  /** Column title: program and version. */
  readonly name: string;
  readonly port: number;
  /** Everything accepted since the start. A message is there before its sender reads the 250. */
  kept(): Promise<Kept[]>;
  /** Ends the server and removes what it wrote. */
  stop(): Promise<void>;
}

/** What a server gets at its start. */
export interface MailServerOptions {
  /** PEM files for STARTTLS. */
  cert: string;
  key: string;
  /** Whether a session may have any number of refused commands, where a server lets that be set. */
  patient?: boolean;
  /** Whether STARTTLS is not offered, by Exim. */
  hideTls?: boolean;
  /** Where OpenSMTPD sends what it gets, as its `relay host` says it; without it mail stays in the queue. */
  relay?: string;
}

/** Most bytes of a message; the largest of the tests is 8 MB. */
export const MESSAGE_LIMIT = 32 * 1024 * 1024;
/** Recipients of a message: above the 2,000 of the tests. */
export const RECIPIENT_LIMIT = 3000;
/** Refused commands that a patient server bears: more than any test has in a session. */
export const PATIENCE = 1_000_000;
/** The domain whose every recipient is accepted; an address without a domain is read as one of it where possible. */
export const DOMAIN = "judge.test";
