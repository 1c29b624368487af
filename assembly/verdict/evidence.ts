import { Verb } from "../smtp/verb";

/** What a finding is about: the verb and the bytes of the line or reply; one object, reused. */
@final
export class Evidence {
  verb: Verb = Verb.none;
  /** The verb as it was written, for verbs that `Verb` does not name. */
  verbStart: usize = 0;
  verbLength: i32 = 0;
  start: usize = 0;
  length: i32 = 0;
  /** The bytes may hold a credential: they are never shown. */
  secret: bool = false;

  /** Evidence that is no command: a reply or a piece of a stream. */
  bytes(start: usize, length: usize, verb: Verb): void {
    this.verb = verb;
    this.verbLength = 0;
    this.start = start;
    this.length = <i32>length;
    this.secret = verb == Verb.auth || verb == Verb.auth_response || verb == Verb.x_exps;
  }
}

export const evidence = new Evidence();
