/** Whole policies, valid and invalid, and pieces of them, for policy updates during a session. */
import { PAGES } from "../pages/generated-pages.js";
import { toBytes } from "./text.js";

const everything = Object.fromEntries(
  PAGES.map(({ id }) => [id, { mode: "prevent", exempt_sources: ["192.0.2.0/24", "2001:db8::/32"] }]),
);

export const POLICY_TEXTS: readonly Uint8Array[] = [
  "{}",
  "",
  '{"profile":"strict","events":{"max_per_second":0,"excerpt":"none"}}',
  '{"stat_prefix":"a","limits":{"command_line_bytes":512,"held_bytes":4096,"close_deadline_ms":1000}}',
  '{"protections":{"private_command":{"mode":"prevent","action":"terminate","allow":["XADR","x-a"]}}}',
  '{"protections":{"exchange_command":{"extended":false,"allow":["XEXCH50"],"reasons":{"exchange_verb":"off"}}}}',
  '{"protections":{"recipient_no_domain":{"require_fqdn":true},"non_compliant_smtp":{"empty_line":true}}}',
  '{"protections":{"bdat_malformed":{"exempt_sources":["10.0.0.0/8","::/0","::ffff:192.0.2.1","2001:db8::/33"]}}}',
  '{"events":{"addresses":"hashed","address_key":"00112233445566778899aabbccddeeff"}}',
  '{"protections":{"private_comand":"prevent"}}',
  ' { "profile" : "monitor" , "limits" : { "reply_bytes" : 1e3 } } ',
  '{"profile":"\\u0073trict"}',
  '{"exempt_sources":["192.0.2.0/24","::/0"],"profile":"strict"}',
  '{"trusted_sources":["192.0.2.0/24","2001:db8::/32"],"profile":"strict"}',
  '{"protections":{"trust_command":{"allow":["XCLIENT"]},"command_out_of_sequence":{"require_auth":true}}}',
  '{"starttls":{"terminate":true,"originate":"offered","require":"mail"}}',
  '{"profile":"strict","starttls":{"originate":"always","require":"auth"}}',
  JSON.stringify({ protections: everything }),
  '{"profile":"monitor","shadow":{"profile":"strict","limits":{"rejected_commands":1}}}',
  JSON.stringify({ shadow: { protections: everything, exempt_sources: ["::1"] } }),
].map(toBytes);

export const POLICY_PIECES: readonly Uint8Array[] = [
  ...'{ } [ ] , : " \\ 0 -1 1.5 1e9 true false null 9007199254740993 {} [] \t \n /* // NaN'.split(" "),
  ...'\\u0000 \\ud800 \\ud83d\\ude00 \\n \\x \\" é \u{1f600} \ufeff'.split(" "),
  ...'"profile": "protections": "limits": "events": "stat_prefix": "mode": "action": "allow": "reasons":'.split(
    " ",
  ),
  ...'"exempt_sources": "trusted_sources": "off" "detect" "prevent" "reject" "terminate" "strip" "normalize" "monitor"'.split(
    " ",
  ),
  ...'"starttls_command": "private_command": "nul_in_data": "starttls":"off"'.split(" "),
  ..."10.0.0.0/8 ::1/128 1:2:3:4:5:6:7:8 ::ffff:1.2.3.4 256.0.0.1 1.2.3 /0 /33 /129 fe80::%eth0 [::1]".split(
    " ",
  ),
  ...'"starttls": "terminate": "originate": "require": "never" "offered" "always" "auth" "mail"'.split(" "),
  '{"profile":"strict"}',
  '"shadow":',
  '"shadow":{"profile":"strict"}',
  '{"a":'.repeat(40),
  "[".repeat(40),
].map((text) => new TextEncoder().encode(text));
