/**
 * What arrives in one piece with the reply that begins TLS was sent in clear. No page can hold these conversations: cut in
 * two, the rest arrives as bytes of TLS, which are none, and it is the handshake that fails (host-test/test/starttls).
 */
import { expect, test } from "vitest";
import { ASKS_FOR_TLS, BEGINS_TLS } from "../support/inside-tls.js";
import { check } from "../support/vector-check.js";
import { parseVectorFile } from "../support/vector-file.js";
import { NodeVectors } from "../support/vector-node.js";
import { scriptOf } from "../../workbench/vector-script.js";

const ASKED = [
  "S: 220 mx.example ESMTP",
  "C: EHLO a.example",
  "S> 250-mx.example",
  "S> 250 STARTTLS",
  "S< STARTTLS",
  "S> 220 2.0.0 go",
];
const ENDED = ["== TLS server", "C< 421 4.7.0 starttls_reply_injection: connection closed by policy"];
const CLOSED = [...BEGINS_TLS, "X."];

/** The reply to EHLO; what comes with it cannot answer the STARTTLS that the filter is about to say. */
const EARLY = ASKED.slice(0, 4);
const QUITS = [
  "C< 421 4.7.0 starttls_reply_injection: connection closed by policy",
  "S< QUIT",
  "S> 221 2.0.0 bye",
];

test.each<[string, string, string[]]>([
  ["a reply after the 220", "originate", [...ASKED, "S> 250-evil.example", "S> 250 AUTH PLAIN", ...ENDED]],
  ["part of a reply after the 220", "originate", [...ASKED, "S>: 250-evil.exa", ...ENDED]],
  ["one octet after the 220", "originate", [...ASKED, "S>: 2", ...ENDED]],
  ["a reply after our 220", "terminate", [...ASKS_FOR_TLS, "S> 250 evil.example", ...CLOSED]],
  ["part of a reply after our 220", "terminate", [...ASKS_FOR_TLS, "S>: 250 evil", ...CLOSED]],
  ["a 220 before our STARTTLS", "originate", [...EARLY, "S> 220 2.0.0 go", ...QUITS]],
  [
    "a reply that comes with a refusal",
    "originate",
    [...EARLY, "S< STARTTLS", "S> 454 4.7.0 no", "S> 250 evil.example", ...QUITS],
  ],
  ["a refusal before our STARTTLS", "originate", [...EARLY, "S> 454 4.7.0 no", ...QUITS]],
])("%s ends the session whatever the mode", (_what, key, lines) => {
  const value = key === "terminate" ? "true" : '"offered"';
  const policy = `{"profile":"monitor","starttls":{"${key}":${value}},"protections":{"starttls_reply_injection":"detect"}}`;
  const page = [
    "# x",
    "## case",
    "> host: switch",
    "```policy",
    policy,
    "```",
    "```smtp",
    ...lines,
    "```",
    "```findings",
    "starttls_reply_injection reply detect terminate",
    "```",
  ];
  const [vector] = parseVectorFile(page.join("\n"), "x.md").cases;
  if (vector === undefined) throw new Error("the page has one case");
  const host = new NodeVectors(policy);
  check(vector, host.run(scriptOf(vector.lines, vector.host)), "whole");
  host.shutdown();
  expect(vector.findings).toHaveLength(1);
});
