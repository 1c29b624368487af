/** What it costs that mail inside TLS is inspected: STARTTLS by the switch and our filter, in turns with TLS alone. */
import { rm } from "node:fs/promises";
import { switchPaths } from "../../cli/build-starttls.js";
import { modulePath } from "../../cli/front.js";
import { buildSwitchOnce } from "../../host/envoy-switch.js";
import { selfSigned } from "../../peers/net.js";
import type { BenchOptions, Measurement } from "../result.js";
import { EnvoyLab } from "./lab.js";
import { type Load, MIB } from "./loads.js";
import { Rows } from "./rows.js";
import { calibrate, type Contestant, type Cost, takeTurns } from "./turns.js";

/** A load of our own client: Postfix's smtp-source speaks no TLS. */
interface TlsLoad {
  name: string;
  first: number;
  sessions: number;
  bytes: number;
  /** Whether each message has a connection of its own. */
  each: boolean;
  note?: string;
}

const LOADS: TlsLoad[] = [
  { name: "1 KiB kept", first: 300, sessions: 8, bytes: 1024, each: false },
  {
    name: "1 KiB a connection each",
    first: 100,
    sessions: 8,
    bytes: 1024,
    each: true,
    note: "with one EHLO more, STARTTLS and their round trips",
  },
  { name: "1 MiB", first: 20, sessions: 2, bytes: MIB, each: false },
];

/** TLS alone runs twice: the difference of its two runs is the machine's noise. */
const [TLS, STARTTLS, AGAIN] = ["TLS alone", "STARTTLS with the filter", "TLS alone again"] as const;
const UNIT = "× TLS alone";

const row = (load: TlsLoad, name: string): string => `${load.name}, ${name}: CPU`;

/**
 * Measures the CPU of Envoy's one worker; Envoy speaks in clear with the server. The throughput would be our client's,
 * which encrypts in Node.
 * @throws Error that says what is missing: Envoy, smtp-sink, openssl, a C compiler or a built module
 */
export async function benchTls(options: BenchOptions): Promise<Measurement[]> {
  const rows = new Rows(options.only, "tls");
  const loads = LOADS.filter((load) => rows.wantsAny([TLS, STARTTLS, AGAIN].map((name) => row(load, name))));
  if (loads.length === 0) return [];
  await buildSwitchOnce(switchPaths());
  const { directory, cert, key } = await selfSigned();
  let lab: EnvoyLab | undefined;
  try {
    lab = await startLab({ cert, key });
    for (const load of loads) await benchLoad(lab, load, cert, rows, options);
  } catch (error) {
    if (!options.signal.aborted) throw error;
  } finally {
    await lab?.stop();
    await rm(directory, { recursive: true, force: true });
  }
  return rows.all();
}

function startLab(files: { cert: string; key: string }): Promise<EnvoyLab> {
  const policy = { stat_prefix: "starttls", profile: "recommended", starttls: { terminate: true } };
  const ours = { wasm: modulePath(), policy: JSON.stringify(policy) };
  return EnvoyLab.start(
    [
      { name: "tls", tls: { ...files, begins: "start" } },
      { name: "starttls", ...ours, tls: { ...files, begins: "switch" } },
    ],
    ["smtp-sink"],
  );
}

/** In the order in which they are run. */
function contestantsFor({ name, first, sessions, bytes, each }: TlsLoad, ca: string): Contestant[] {
  const load = (begins: "start" | "starttls"): Load => ({
    ...{ name, first, sessions, sink: "smtp-sink", by: "client" },
    plan: { recipients: 1, bytes, body: "data", pipelined: false, each, tls: { begins, ca } },
  });
  return [
    { name: TLS, setting: "tls", load: load("start") },
    { name: STARTTLS, setting: "starttls", load: load("starttls") },
    { name: AGAIN, setting: "tls", load: load("start") },
  ];
}

async function benchLoad(
  lab: EnvoyLab,
  load: TlsLoad,
  ca: string,
  rows: Rows,
  options: BenchOptions,
): Promise<void> {
  const contestants = contestantsFor(load, ca);
  const messages = await calibrate(lab, contestants[0] as Contestant, options);
  for (const each of contestants) await lab.run(each.setting, each.load, load.first, options);
  for (let pair = 0; pair < options.pairs; pair++) {
    options.progress(`tls: ${load.name}, pair ${pair + 1} of ${options.pairs}, ${messages} messages a turn`);
    record(rows, load, await takeTurns(lab, contestants, messages, options));
  }
}

function record(rows: Rows, load: TlsLoad, costs: Map<string, Cost>): void {
  const [alone, ours, again] = [TLS, STARTTLS, AGAIN].map((name) => costs.get(name)) as [Cost, Cost, Cost];
  const mean = (alone.cpu + again.cpu) / 2;
  const findings = ours.findings.length === 0 ? [] : [`findings: ${ours.findings.join(", ")}`];
  const note = [load.note ?? [], findings].flat().join("; ");
  rows.add(row(load, TLS), "µs/message", mean / 1000);
  rows.add(row(load, AGAIN), UNIT, again.cpu / alone.cpu);
  rows.add(row(load, STARTTLS), UNIT, ours.cpu / mean, note === "" ? {} : { note });
}
