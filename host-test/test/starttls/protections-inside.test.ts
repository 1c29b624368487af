/** Protections inside TLS: the same bytes, findings and verdict as the pages have in clear. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TracePoint } from "../../workbench/vector-run.js";
import { scriptOf } from "../../workbench/vector-script.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { insideTls } from "../support/inside-tls.js";
import { check } from "../support/vector-check.js";
import { byBytes } from "../support/vector-cuts.js";
import { type EnvoyRun, EnvoyVectors } from "../support/vector-envoy.js";
import { type VectorCase, vectorFiles } from "../support/vector-file.js";
import { NodeVectors } from "../support/vector-node.js";

/** All cases of these pages. */
const PAGES = [
  "auth_failures",
  "binary_data_in_command",
  "exchange_command",
  "forbidden_command",
  "forbidden_extension",
  "non_compliant_smtp",
  "private_command",
  "recipient_harvest",
  "recipient_no_domain",
  "too_many_errors",
];

/** Of the others one case each. */
const SINGLE_CASES: Record<string, string> = {
  bad_helo_argument: "Benign: other verbs and text",
  command_out_of_sequence: "RCPT right after EHLO is rejected in prevent",
  junk_command_flood: "A refused message sets nothing back",
  legacy_command: "Each debugging verb is refused in prevent",
  queue_turn_command: "All three are refused in prevent",
  recon_command: "Both are refused in prevent",
  trust_command: "Each verb that was not offered is refused in prevent (evasion 31)",
  address_metacharacters: "Quotes, backslashes and comments hide no first letter",
  bad_esmtp_parameter: "A parameter that is given twice is rejected in prevent",
  bad_path_syntax: "What is no path is rejected in prevent",
  path_too_long: "Each part is rejected in prevent",
  routed_address: "Routes are rejected in prevent",
  data_line_too_long: "In BDAT it ends the session in prevent",
  ehlo_reply_masked: "It ends the session in prevent",
  header_too_long: "In BDAT, a name over two chunks",
  message_too_large: "Octets of DATA end the session in prevent",
  too_many_recipients: "Those over the limit are rejected in prevent, and the message goes to the others",
  xlink2state_overflow: "A chunk that announces too much closes the connection in prevent",
  auth_exchange_violation: "A CR inside a response is judged as in a command",
  bare_newline_in_command: "A CR between two commands (evasion 15)",
  bare_newline_in_data: "A lone LF is rewritten under the strict profile",
  bdat_malformed: "Junk after the size",
  bdat_sequence: "BDAT after LAST ends the session in prevent",
  bdat_unannounced: "BDAT after an EHLO without the offer",
  command_line_too_long: "A response of 12,289 octets is longer than Postfix takes",
  data_before_reply: "A refused message under the recommended profile",
  improper_pipelining: "MAIL after EHLO ends the session in prevent",
  lax_command_syntax: "A path beyond RFC 5321 is rejected in strict",
  malformed_reply: "It ends the session under strict",
  mixed_line_endings: "A client that changes after EHLO is ended",
  non_smtp_command: "The message after a DATA that was refused",
  nul_in_data: "NULs in a mail of the strict profile",
  reply_code_mismatch: "Two codes after EHLO end the session under strict",
  reply_too_long: "A reply of 129 lines after EHLO ends the session under recommended",
  smuggled_end_of_data: "A hidden message under the strict profile",
  tls_without_starttls: "A hello in command mode under the recommended profile",
  too_many_pending: "RCPT over the limit after EHLO end the session",
  unannounced_extension: "AUTH without an offer",
  unexpected_reply_code: "354 to MAIL ends the session in prevent (evasion 2)",
  unknown_command: "In the middle of a group",
  unsolicited_reply: "A reply to nothing after EHLO ends the session under recommended",
};

/**
 * What is judged before EHLO, or of STARTTLS itself: their pages have cases inside TLS that the listener ended, which run with
 * the pages. cleartext_auth has only ones without a finding, by its nature.
 */
const OF_THE_LISTENER = [
  "bad_server_greeting",
  "cleartext_auth",
  "client_talks_first",
  "malformed_server_greeting",
  "source_abuse",
  "starttls_command",
  "starttls_injection",
  "starttls_not_tls",
  "starttls_reply_injection",
  "starttls_unavailable",
];

const files = vectorFiles()
  .filter(({ id }) => PAGES.includes(id) || id in SINGLE_CASES)
  .map(({ id, cases }) => ({
    id,
    cases: cases
      .filter(({ title }) => PAGES.includes(id) || title === SINGLE_CASES[id])
      .map(insideTls)
      .filter((each) => each !== null),
  }));
const cases = files.flatMap((file) => file.cases);
const policies = [...new Set(cases.map(({ policy }) => policy))];
const binary = await envoyOrNull("the protections inside TLS");

test("every page has cases that can be played inside", () => {
  const all = vectorFiles();
  const here = [...PAGES, ...Object.keys(SINGLE_CASES)];
  expect(files.map(({ id }) => id)).toEqual([...here].sort());
  expect([...here, ...OF_THE_LISTENER].sort()).toEqual(all.map(({ id }) => id).sort());
  for (const { id, cases } of all.filter((file) => OF_THE_LISTENER.includes(file.id)))
    expect(cases.filter(({ host }) => host.isTls).length, id).toBeGreaterThan(0);
  for (const { id, cases } of files) {
    if (PAGES.includes(id)) expect(cases.length, id).toBeGreaterThan(3);
    else expect(cases.length, id).toBe(1);
  }
});

describe.each(files)("in the Node host: $id", ({ cases }) => {
  test.each(cases)("$title", (vector) => {
    const host = new NodeVectors(vector.policy);
    const script = scriptOf(vector.lines, vector.host);
    check(vector, host.run(script), "whole");
    check(vector, host.run(script, { cut: byBytes, lenient: true }), "byte by byte");
    host.shutdown();
  });
});

describe.skipIf(binary === null)("in Envoy", () => {
  const runs = new Map<VectorCase, EnvoyRun>();
  let envoy: EnvoyVectors | undefined;
  let stopped = false;

  beforeAll(async () => {
    const lanes = policies.map((policy) => ({
      policy,
      host: { startTls: ["client", "server"] as const, isTls: false },
    }));
    envoy = await EnvoyVectors.start(binary as string, lanes);
    await Promise.all(policies.map((policy, lane) => runLane(envoy as EnvoyVectors, lane, policy)));
    stopped = true;
    await envoy.stop();
  }, 240_000);

  afterAll(async () => {
    if (!stopped) await envoy?.stop();
  });

  async function runLane(envoy: EnvoyVectors, lane: number, policy: string): Promise<void> {
    const host = new NodeVectors(policy);
    for (const vector of cases.filter((each) => each.policy === policy)) {
      const script = scriptOf(vector.lines, vector.host);
      const trace: TracePoint[] = [];
      host.run(script, {}, trace);
      runs.set(vector, await envoy.run(lane, script, {}, trace));
    }
    host.shutdown();
  }

  describe.each(files)("$id", ({ cases }) => {
    test.each(cases)("$title", (vector) => {
      const outcome = (envoy as EnvoyVectors).outcome(runs.get(vector) as EnvoyRun);
      check(vector, outcome, "Envoy, inside TLS");
      expect(outcome.summary).toContain('"tls":true,"tls_terminated":true,"tls_version":"TLSv1.');
    });
  });
});
