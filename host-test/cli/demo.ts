/**
 * `npm start`: mail through the filter on this machine. Starts a mail server that shows what it gets, one with a bad
 * greeting, and Envoy (or the Node proxy) in front of both; prints what to paste, then every finding as one line.
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ConfigurationRefused, Plugin } from "../host/plugin.js";
import { EnvoyUnavailable } from "../host/envoy-binary.js";
import { parseDemoArgs, UserError, type DemoOptions } from "./args.js";
import { policyOf } from "./envoy-yaml.js";
import { type DemoTls, demoTls, terminating, tlsInstructions } from "./demo-tls.js";
import { findingLine } from "./findings.js";
import {
  claimPort,
  filterModule,
  modulePath,
  projectRoot,
  readOrExplain,
  type Front,
  type FrontOptions,
} from "./front.js";
import { startEnvoyFront } from "./front-envoy.js";
import { startNodeFront } from "./front-node.js";
import { instructions } from "./instructions.js";
import { arrivedLine, startBadSink, startMailSink } from "./sink.js";
import { printable } from "../workbench/printable.js";

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const warn = (line: string): void => void process.stderr.write(`${line}\n`);

/** Longer than a signal takes to reach the next process. */
const SIGNAL_DELAY_MS = 300;

/** Things to undo at the end, last first. */
const cleanups: (() => Promise<void>)[] = [];

async function main(): Promise<number> {
  const options = parseDemoArgs(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(
      readOrExplain(join(projectRoot(), "host-test/cli/demo.txt"), "use a complete checkout"),
    );
    return 0;
  }
  const interrupted = new Promise<null>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve(null));
    // Nobody reads our output any more: there is nothing left to do.
    process.stdout.once("error", () => resolve(null));
  });
  const front = await Promise.race([start(options), interrupted]);
  if (front === null) return 130;
  const reason = await Promise.race([front.died, interrupted]);
  if (reason === null) return 0;
  // A terminal sends Ctrl-C to Envoy too, and we may see Envoy end before we get the signal.
  const told = await Promise.race([interrupted, pause(SIGNAL_DELAY_MS, reason)]);
  if (told !== null) throw new UserError(told);
  return 0;
}

/** Starts everything and prints what runs. @throws UserError */
async function start(options: DemoOptions): Promise<Front> {
  const root = projectRoot();
  const module = filterModule();
  const yaml = readOrExplain(join(root, "envoy/envoy.yaml"), "use a complete checkout").toString();
  const chosen =
    options.policy === undefined
      ? policyOf(yaml)
      : readOrExplain(options.policy, "give the path of a policy file").toString();
  checkPolicy(module, chosen, options.policy);
  const policy = options.starttls ? terminating(chosen) : chosen;
  const secured = options.starttls ? await securedBy() : null;

  const port = await claimPort(options.port);
  // The next port if it is free, so that the lines to paste are the same each time.
  const badPort = await claimPort(port + 1).catch(() => claimPort(0));
  const mail = await startMailSink((message) => say(arrivedLine(message)));
  cleanups.push(() => mail.stop());
  const bad = await startBadSink("200 this is no mail server");
  cleanups.push(() => bad.stop());

  const settings: FrontOptions = {
    routes: [
      { port, upstream: mail.port },
      { port: badPort, upstream: bad.port },
    ],
    policy,
    wasm: modulePath(),
    onLog: (level, message) => {
      const line = findingLine(message);
      if (line !== null) say(line);
      else if (level === "warn" || level === "error" || level === "critical") warn(printable(message, 500));
    },
    onProblem: (message) => warn(printable(message, 500)),
    ...(secured && { tls: secured.tls }),
  };
  const front = await startFront(options, settings, { module, yaml });
  cleanups.push(() => front.stop());
  const inside = secured === null ? "" : tlsInstructions(port, secured.cert);
  say(instructions({ front: front.name, port, badPort, inside }));
  return front;
}

/** A certificate that is removed at the end. */
async function securedBy(): Promise<DemoTls> {
  const made = await demoTls();
  cleanups.push(() => made.remove());
  return made;
}

async function startFront(
  options: DemoOptions,
  settings: FrontOptions,
  { module, yaml }: { module: WebAssembly.Module; yaml: string },
): Promise<Front> {
  if (!options.node && !options.starttls) {
    try {
      return await startEnvoyFront(settings, yaml, say);
    } catch (error) {
      if (!(error instanceof EnvoyUnavailable)) throw error;
      warn(`${printable(error.message, 500)}; running the same filter in Node instead`);
    }
  }
  return startNodeFront(settings, module);
}

/** Checks the policy with the filter itself, before anything is started. @throws UserError with the filter's message */
function checkPolicy(module: WebAssembly.Module, policy: string, file: string | undefined): void {
  try {
    Plugin.load(module, { configuration: policy }).shutdown();
  } catch (error) {
    if (!(error instanceof ConfigurationRefused)) throw error;
    throw new UserError(`${file ?? "envoy/envoy.yaml"}: ${printable(error.message, 500)}`);
  }
}

/** Stops what was started; a second Ctrl-C ends the program at once. */
async function cleanUp(): Promise<void> {
  for (const undo of cleanups.reverse()) {
    await undo().catch((error: unknown) => warn(`while stopping: ${String(error)}`));
  }
}

process.stdout.on("error", () => {});
const exitCode = await main().catch((error: unknown) => {
  if (!(error instanceof UserError)) throw error;
  warn(`smtp-inspector: ${error.message}`);
  return error.exitCode;
});
await cleanUp();
process.exit(exitCode);
