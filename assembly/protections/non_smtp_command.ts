import { Command } from "../smtp/command";
import { isDigit, spells } from "../smtp/scan";
import { Verb } from "../smtp/verb";
import { Reason } from "./generated-reasons";

/**
 * A line of another protocol: a browser, a proxy or another client was made to talk to a mail server
 * (cross-protocol request forgery), and some later line of it will be a command.
 */
export function nonSmtpCommand(command: Command): Reason {
  const from = command.verbStart;
  const length = <i32>(command.verbEnd - from);
  if (command.verb == Verb.other) {
    for (let i = 0; i < METHODS.length; i++) {
      if (spells(from, length, METHODS[i])) return Reason.non_smtp_command_http_method;
    }
    return Reason.none;
  }
  if (command.verb != Verb.invalid || length < 2) return Reason.none;
  if (length > 4 && spells(from, 4, "SSH-")) return Reason.non_smtp_command_ssh_banner;
  if (load<u8>(command.verbEnd - 1) == 0x3a) return Reason.non_smtp_command_header_line;
  return load<u8>(from) == 0x2a && isDigits(from + 1, command.verbEnd)
    ? Reason.non_smtp_command_redis_array
    : Reason.none;
}

function isDigits(from: usize, to: usize): bool {
  for (let at = from; at < to; at++) {
    if (!isDigit(load<u8>(at))) return false;
  }
  return true;
}

// RFC 9110 9.3, RFC 5789, and PRI, which opens HTTP/2 (RFC 9113 3.4).
const METHODS: string[] = [
  "GET",
  "POST",
  "PUT",
  "HEAD",
  "OPTIONS",
  "CONNECT",
  "TRACE",
  "DELETE",
  "PATCH",
  "PRI",
];
