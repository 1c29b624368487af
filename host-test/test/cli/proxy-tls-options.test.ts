/** What `smtp-inspector proxy` says when its options for TLS are wrong, or do nothing under the policy. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { proxy } from "../../cli/proxy.js";
import { selfSigned } from "../../peers/net.js";
import { mailServer, policyFile, RunningProxy } from "../support/running-proxy.js";
import { runCommand } from "../support/run-command.js";

const TO = ["--to", "127.0.0.1:25", "--listen", "127.0.0.1:0"];

let made: { directory: string; cert: string; key: string };
let other: { directory: string; cert: string; key: string };
beforeAll(async () => {
  made = await selfSigned();
  other = await selfSigned();
  writeFileSync(join(made.directory, "empty"), "");
});
afterAll(() => {
  for (const { directory } of [made, other]) rmSync(directory, { recursive: true });
});

test.each<[string, () => string[], RegExp]>([
  ["a certificate without its key", () => ["--cert", made.cert], /--cert needs --key FILE/],
  ["a key without its certificate", () => ["--key", made.key], /--key needs --cert FILE/],
  ["--tls alone", () => ["--tls"], /--tls needs --cert FILE and --key FILE/],
  ["--upstream-ca alone", () => ["--upstream-ca", made.cert], /--upstream-ca needs --upstream-tls/],
  [
    "--upstream-servername alone",
    () => ["--upstream-servername", "a"],
    /--upstream-servername needs --upstream-tls/,
  ],
  [
    "a file that is not there",
    () => ["--cert", join(made.directory, "none"), "--key", made.key],
    /--cert \S+none: no such file; check the path/,
  ],
  [
    "a file that is no certificate",
    () => ["--cert", join(made.directory, "empty"), "--key", made.key],
    /--cert \S+empty: this is not a certificate in PEM/,
  ],
  [
    "a file that is no key",
    () => ["--cert", made.cert, "--key", made.cert],
    /--key \S+cert\.pem: this is not a private key in PEM without a password/,
  ],
  [
    "another certificate's key",
    () => ["--cert", made.cert, "--key", other.key],
    /--key \S+key\.pem is not the key of --cert \S+cert\.pem/,
  ],
  [
    "a CA that is none",
    () => ["--upstream-tls", "--upstream-ca", made.key],
    /--upstream-ca \S+key\.pem: this is not a certificate in PEM/,
  ],
])("%s is refused with what to do", async (_what, options, message) => {
  await expect(runCommand(proxy, [...TO, ...options()])).rejects.toThrow(message);
});

test.each<[string, () => string[], string]>([
  [
    '{"starttls":{"terminate":true,"originate":"offered"}}',
    () => [],
    'the policy has "terminate", but clients are not offered STARTTLS without --cert and --key\n' +
      'the policy has "originate": "offered", but the server is not asked for TLS without --upstream-tls',
  ],
  [
    "{}",
    () => ["--cert", made.cert, "--key", made.key, "--upstream-tls"],
    '--cert and --key are not used: the policy has no "starttls": { "terminate": true }\n' +
      '--upstream-tls is not used: the policy has no "starttls": { "originate": "offered" } or "always"',
  ],
])("under %s options that are missing or do nothing are named", async (policy, options, said) => {
  const { port } = await mailServer();
  const running = await RunningProxy.start([
    "--to",
    `127.0.0.1:${port}`,
    "--policy",
    policyFile(policy),
    ...options(),
  ]);
  expect(running.err.join("\n")).toContain(said);
});
