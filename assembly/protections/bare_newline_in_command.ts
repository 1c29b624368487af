import { Command } from "../smtp/command";
import { findByte } from "../smtp/scan";
import { Reason } from "./generated-reasons";

/** A CR inside a command line, which some read as its end, or an end without CR (RFC 5321 2.3.8). */
export function bareNewlineInCommand(command: Command): Reason {
  if (findByte(command.start, command.end, 0x0d) != command.end) return Reason.bare_newline_in_command_cr;
  return command.next - command.end == 1 ? Reason.bare_newline_in_command_lf : Reason.none;
}
