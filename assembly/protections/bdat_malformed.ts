import { Command } from "../smtp/command";
import { Reason } from "./generated-reasons";

/**
 * BDAT that is not `BDAT SP 1*20DIGIT [SP LAST]` or counts over 63 bits (RFC 3030 2), and sizes that servers do not
 * read alike: Exim 4.96 takes them modulo 2^32 (src/smtp_in.c, `%u`), so that what is payload for others holds
 * commands for it. A signed int of 32 bits holds every size that all of them read the same.
 */
export function bdatMalformed(command: Command): Reason {
  if (command.size < 0) return Reason.bdat_malformed_size;
  return command.size > <i64>i32.MAX_VALUE ? Reason.bdat_malformed_over_31_bits : Reason.none;
}
