import { Policy } from "../policy/policy";
import { CATALOGUE, Protection } from "../protections/catalogue";
import { Reason } from "../protections/generated-reasons";

/** The lines that the filter itself says. They name the protection and nothing that either side sent. */
export const NOOP: ArrayBuffer = String.UTF8.encode("NOOP\r\n");
export const QUIT: ArrayBuffer = String.UTF8.encode("QUIT\r\n");

export const STARTTLS: ArrayBuffer = String.UTF8.encode("STARTTLS\r\n");
export const EHLO: ArrayBuffer = String.UTF8.encode("EHLO");

/** The replies of ours that no protection gives. Those from `ends_payload` on end the session. */
export const enum OwnReply {
  none,
  go_ahead,
  no_switch,
  tls_is_on,
  after_auth,
  hello_first,
  parameters,
  tls_first,
  auth_needs_tls,
  ends_payload,
  ends_rejections,
}

/** In the order of `OwnReply`: RFC 3207 4 and 4.1, RFC 4954 4 and 6, RFC 5321 4.1.4. */
const OWN_TEXTS: string[] = [
  "",
  "220 2.0.0 Ready to start TLS",
  "454 4.7.0 TLS not available due to temporary reason",
  "503 5.5.1 TLS is on already",
  "503 5.5.1 STARTTLS must come before AUTH",
  "503 5.5.1 Send EHLO first",
  "501 5.5.4 STARTTLS takes no parameters",
  "530 5.7.0 Must issue a STARTTLS command first",
  "538 5.7.11 Encryption required for requested authentication mechanism",
  "421 4.7.0 TLS and EHLO must come first, connection closed",
  "421 4.7.0 Too many refused commands, connection closed",
];
export const OWN_REPLIES: ArrayBuffer[] = OWN_TEXTS.map<ArrayBuffer>((text) =>
  String.UTF8.encode(text + "\r\n"),
);

/** RFC 4954 6: the reply to MAIL without AUTH, whose protection has another one. */
const UNAUTHENTICATED_REPLY: string = "530 5.7.0";

/** Code and enhanced code of the reply to a command that is rejected for `reason` of `protection`. */
export function replyFor(protection: Protection, reason: Reason): string {
  const unauthenticated = reason == Reason.command_out_of_sequence_unauthenticated;
  return unauthenticated ? UNAUTHENTICATED_REPLY : CATALOGUE[protection].reply;
}

/** By protection: the reply to a command that was kept from the server; the place after the last is no reply's, then `UNAUTHENTICATED`. */
const REJECTIONS: ArrayBuffer[] = [];
/** The reply to a command that `protection` kept from the server: an operator's own hangs on `policy`. */
export function rejectionBy(policy: Policy, protection: u8): ArrayBuffer {
  const own = policy.commandsReply;
  return own !== null && protection == <u8>Protection.forbidden_command ? own : REJECTIONS[protection];
}

/** The reply that ends a session. */
export const TERMINATIONS: ArrayBuffer[] = [];
/** The reply that takes the place of a greeting. */
export const GREETINGS: ArrayBuffer[] = [];

for (let i = 0; i < CATALOGUE.length; i++) {
  const id = CATALOGUE[i].id;
  REJECTIONS.push(String.UTF8.encode(`${CATALOGUE[i].reply} ${id}: rejected by policy\r\n`));
  TERMINATIONS.push(String.UTF8.encode(`421 4.7.0 ${id}: connection closed by policy\r\n`));
  const code = i == <i32>Protection.source_abuse ? "554 5.7.1" : "554 5.3.2";
  GREETINGS.push(String.UTF8.encode(`${code} ${id}: no SMTP service here\r\n`));
}
REJECTIONS.push(NOOP);
REJECTIONS.push(
  String.UTF8.encode(UNAUTHENTICATED_REPLY + " command_out_of_sequence: authentication required\r\n"),
);
// Whose session nothing but time ended: after the protections.
TERMINATIONS.push(String.UTF8.encode("421 4.4.2 timeout: connection closed by policy\r\n"));
