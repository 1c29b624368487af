import { Verb } from "../smtp/verb";
import { hasTrait, Trait } from "../smtp/verb-table";

/** Longest excerpt of an event: enough to see a verb and the start of its argument (Snort logs 64 bytes by default). */
export const EXCERPT_MAX: i32 = 64;

/**
 * What a finding is about: the verb and the bytes of the line or reply. Each judge has one object and reuses it; its
 * addresses hold only while the bytes stay where they are.
 */
@final
export class Evidence {
  verb: Verb = Verb.none;
  /** The verb as it was written, for verbs that `Verb` does not name. */
  verbStart: usize = 0;
  verbLength: i32 = 0;
  start: usize = 0;
  length: i32 = 0;
  /** What the line names, for the event about this very line: HELO's argument, the path of MAIL or RCPT. */
  nameStart: usize = 0;
  nameLength: i32 = 0;
  /** The bytes may hold a credential: they are never shown. */
  secret: bool = false;
  /** It is a command that can be kept from the server, with a reply of ours instead. */
  isRejectable: bool = false;
  /** The server sent it. */
  fromServer: bool = false;
  /** It is a reply that may repeat a credential: its letters are never shown. */
  mayEcho: bool = false;
  /** It is a greeting with 4xx. */
  isTemporary: bool = false;

  /** Evidence that is no command: a response, a reply, a piece of a stream. */
  bytes(start: usize, length: usize, verb: Verb): void {
    this.verb = verb;
    this.verbLength = this.nameLength = 0;
    this.start = start;
    this.length = <i32>length;
    this.secret = hasTrait(verb, Trait.secret);
    this.isRejectable = this.fromServer = this.isTemporary = this.mayEcho = false;
  }

  /** Bytes that nobody parsed: they are never shown, since an AUTH command with its credentials may be among them. */
  unread(start: usize, length: usize, verb: Verb): void {
    this.bytes(start, min<usize>(length, EXCERPT_MAX), verb);
    this.secret = true;
  }

  /** A reply of the server to `verb`. */
  reply(start: usize, length: usize, verb: Verb): void {
    this.bytes(start, length, verb);
    this.fromServer = true;
  }
}
