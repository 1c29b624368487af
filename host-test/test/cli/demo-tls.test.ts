/** `npm start -- --starttls`: what it prints is pasted, and its findings come from inside TLS. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { projectRoot } from "../../cli/front.js";
import { waitFor, within } from "../../peers/net.js";

const program = join(projectRoot(), "dist/host-test/cli/demo.js");

test("the openssl line that it prints is refused a command inside TLS; Ctrl-C removes the certificate", async () => {
  const demo = spawn(process.execPath, [program, "--starttls", "--port", "0"]);
  onTestFinished(() => void demo.kill("SIGKILL"));
  let output = "";
  demo.stdout.on("data", (chunk) => (output += String(chunk)));
  await waitFor(() => output.includes("Ctrl-C stops everything"), "the demo to be ready", 60_000);
  const pasted = /^ {2}(\(sleep 1.*openssl s_client.*)$/m.exec(output)?.[1] ?? "";
  const certificate = /-CAfile (\S+)/.exec(pasted)?.[1] ?? "";
  expect(existsSync(certificate)).toBe(true);
  const { stdout } = await promisify(execFile)("bash", ["-c", pasted], { timeout: 30_000 });
  expect(stdout).toContain("502 5.5.1 exchange_command: rejected by policy");
  await waitFor(
    () => /^reject +exchange_command .*X-EXPS: exchange_verb/m.test(output),
    `a finding in ${output}`,
  );
  demo.kill("SIGINT");
  expect(await within(once(demo, "close"), "the demo to end")).toEqual([0, null]);
  expect(existsSync(certificate)).toBe(false);
});

test("without openssl it says what to install", async () => {
  const demo = spawn(process.execPath, [program, "--starttls", "--port", "0"], { env: { PATH: "/nowhere" } });
  let errors = "";
  demo.stderr.on("data", (chunk) => (errors += String(chunk)));
  expect(await within(once(demo, "close"), "the demo to end", 30_000)).toEqual([1, null]);
  expect(errors).toBe(
    "smtp-inspector: --starttls needs the program openssl to make a certificate: apt-get install openssl\n",
  );
});
