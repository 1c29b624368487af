import { Command } from "../smtp/command";
import { spells } from "../smtp/scan";
import { Reason } from "./generated-reasons";

/**
 * A verb of the time before RFC 2821 that no mail needs: sendmail's doors for its makers (CA-1993-14, RFC 2821 F.6),
 * and what Snort 3 lists as known. Only for `Verb.other`.
 */
export function legacyCommand(command: Command): Reason {
  const length = command.verbEnd - command.verbStart;
  if (length < SHORTEST || length > LONGEST) return Reason.none;
  if (isOneOf(command, DEBUG)) return Reason.legacy_command_debug;
  if (isOneOf(command, TERMINAL)) return Reason.legacy_command_terminal;
  if (isOneOf(command, VERBOSE)) return Reason.legacy_command_verbose;
  return isOneOf(command, OBSOLETE) ? Reason.legacy_command_obsolete : Reason.none;
}

function isOneOf(command: Command, verbs: StaticArray<string>): bool {
  const from = command.verbStart;
  const length = <i32>(command.verbEnd - from);
  for (let i = 0; i < verbs.length; i++) {
    if (spells(from, length, unchecked(verbs[i]))) return true;
  }
  return false;
}

/** Of all of them. */
const SHORTEST: usize = 3;
const LONGEST: usize = 6;
/** sendmail srvrsmtp.c: "here only to trap and log attempts to use them"; KILL was among them up to 8.6. */
const DEBUG: StaticArray<string> = ["DEBUG", "WIZ", "KILL", "SHOWQ"];
/** RFC 821 3.4, dropped by RFC 5321 F.6. */
const TERMINAL: StaticArray<string> = ["SEND", "SOML", "SAML"];
/** sendmail announces them to other sendmails. */
const VERBOSE: StaticArray<string> = ["VERB", "ONEX"];
/** Snort 3 smtp.cc; XTRN there begins with X and is private_command's. */
const OBSOLETE: StaticArray<string> = [
  "EMAL",
  "ESAM",
  "ESND",
  "ESOM",
  "EVFY",
  "IDENT",
  "QUEU",
  "TICK",
  "TIME",
  "TURNME",
];
