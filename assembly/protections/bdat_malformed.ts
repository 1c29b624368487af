import { Command } from "../smtp/command";
import { Verb } from "../smtp/verb";
import { Reason } from "./reason";

/** BDAT that is not `BDAT SP 1*20DIGIT [SP LAST]` or counts over 63 bits (RFC 3030 2). */
export function bdatMalformed(command: Command): Reason {
  return command.verb == Verb.bdat && command.size < 0 ? Reason.bdat_size : Reason.none;
}
