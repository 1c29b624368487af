/** `smtp-inspector proxy`: the filter in front of a mail server, without Envoy; shows every conversation as it happens. */
import { once } from "node:events";
import { Plugin, type PluginOptions } from "../host/plugin.js";
import { filterCheck } from "../lint/filter-check.js";
import { eventIn } from "../workbench/evidence.js";
import { toldInFull } from "../workbench/sessions.js";
import { argumentsOf, type Endpoint, endpointOf } from "./arguments.js";
import { inColour } from "./colour.js";
import type { Command, Io } from "./command.js";
import { filterModule } from "./front.js";
import { LiveSession, type Watcher } from "../workbench/live-session.js";
import { LivePolicy, reloads } from "./live-policy.js";
import { NodeProxy } from "./node-proxy.js";
import { type ProxyTls, proxyTls, type TlsOptions } from "./proxy-tls.js";
import { JsonSession } from "./proxied-json.js";
import { quarantineNotes } from "./quarantine-notes.js";
import { tlsNotes } from "./tls-notes.js";
import { printable } from "../workbench/printable.js";

export const proxy: Command = {
  name: "proxy",
  summary: "Runs the filter live in front of a mail server, without Envoy",
  help: `Usage: smtp-inspector proxy --to HOST:PORT [--listen HOST:PORT] [--policy P]

Passes mail through the filter to a server; shows each session as it happens, or
with --json each finding, and each session at its end, as an object on a line.

  --listen A   where clients connect; default 127.0.0.1:2525, port 0: any
  --policy P   a policy's JSON file, or a profile: monitor, recommended,
               strict, submission
  --quarantine A            the policy's "quarantine_cluster"; without: refused
  --cert FILE --key FILE    in PEM, for STARTTLS from clients ("terminate")
  --tls                     clients speak TLS at once, as on port 465
  --upstream-tls            STARTTLS to the server ("originate"), with a
  --upstream-ca FILE        certificate of one of these CAs, else the system's,
  --upstream-servername N   for this name, else the HOST of --to

A policy file is reloaded when it changes and on SIGHUP, as in Envoy: open
sessions keep the old one for 10 minutes. If the new one is refused, it stays.

C: and S: passed, C> and S> did not, S< and C< come from the filter; == TLS is
where TLS starts. A second colon (C::) is for a line that does not end in CRLF.
Exit code: 0 no findings, 1 findings, 2 cannot start, 130 on Ctrl-C.
Examples:
  smtp-inspector proxy --to 127.0.0.1:25
  smtp-inspector proxy --listen 127.0.0.1:0 --to localhost:25 --policy strict
`,
  async run(args, io) {
    const { to, upstream, quarantine, listen, policy: name, tls, json } = chosen(args);
    const module = filterModule();
    const policy = new LivePolicy(name, filterCheck(module));
    const { text, warnings } = policy.read();
    let accepted = text;
    const notes = [...tlsNotes(text, tls), ...quarantineNotes(text, quarantine !== undefined)];
    for (const line of [...warnings, ...notes]) io.err(`${line}\n`);
    const tally = { sessions: 0, withFindings: 0 };
    const tellJson = (value: object): void => io.out(`${JSON.stringify(value)}\n`);
    const observe = json ? observingJson(tellJson, tally) : observing(io, tally);
    const load = (): Plugin => {
      const plugin = Plugin.load(module, { configuration: toldInFull(accepted), observe });
      plugin.onLog = ({ level, message }) => {
        if (level !== "info" && eventIn(message) === null) io.err(`${printable(message, 500)}\n`);
      };
      return plugin;
    };
    const onError = (line: string): void => io.err(`${printable(line, 500)}\n`);
    const running = await started({ load, listen, upstream, quarantine, tls, onError });
    const host = listen.host.includes(":") ? `[${listen.host}]` : listen.host;
    const place = `${host}:${running.port}`;
    if (json) tellJson({ listen: place, to, policy: policy.name });
    else io.out(`== ${place} → ${to}, policy ${printable(policy.name)}; Ctrl-C to stop\n`);
    const stopReloading = reloads(policy, io, (renewed) => {
      accepted = renewed;
      running.serving.update(toldInFull(renewed));
      return running.serving;
    });
    if (!io.signal.aborted) await once(io.signal, "abort");
    stopReloading();
    await running.stop();
    const { sessions, withFindings } = tally;
    const failed = failures(running.tlsFailures);
    if (json) tellJson({ sessions, withFindings, tlsFailures: running.tlsFailures });
    else
      io.out(`== ${sessions} session${sessions === 1 ? "" : "s"}, ${withFindings} with findings${failed}\n`);
    return withFindings > 0 ? 1 : 0;
  },
};

/** @throws Error that names the argument */
function chosen(args: readonly string[]): {
  to: string;
  upstream: Endpoint;
  quarantine: Endpoint | undefined;
  listen: Endpoint;
  policy: string;
  tls: ProxyTls;
  json: boolean;
} {
  const { values } = argumentsOf("smtp-inspector proxy", args, {
    listen: { type: "string" },
    to: { type: "string" },
    policy: { type: "string" },
    quarantine: { type: "string" },
    json: { type: "boolean" },
    cert: { type: "string" },
    key: { type: "string" },
    tls: { type: "boolean" },
    "upstream-tls": { type: "boolean" },
    "upstream-ca": { type: "string" },
    "upstream-servername": { type: "string" },
  });
  const { to, listen = "127.0.0.1:2525", policy = "recommended" } = values;
  if (to === undefined) throw new Error("--to HOST:PORT is missing: the mail server behind the filter");
  const upstream = endpointOf("--to", to, 1);
  const tls = proxyTls(values satisfies TlsOptions, upstream.host);
  const quarantine =
    values.quarantine === undefined ? undefined : endpointOf("--quarantine", values.quarantine, 1);
  const json = values.json === true;
  return { to, upstream, quarantine, listen: endpointOf("--listen", listen, 0), policy, tls, json };
}

const failures = (count: number): string =>
  count === 0 ? "" : `; ${count} TLS handshake${count === 1 ? "" : "s"} failed`;

/** Shows each session, numbered as they come, and counts them in `tally`. */
function observing(
  io: Io,
  tally: { sessions: number; withFindings: number },
): NonNullable<PluginOptions["observe"]> {
  const watcher: Watcher = {
    line: linesTo(io),
    ended: (findings) => {
      tally.sessions++;
      if (findings > 0) tally.withFindings++;
    },
  };
  let sessions = 0;
  return ({ sourceAddress }) => new LiveSession(++sessions, sourceAddress, watcher);
}

/** The same as JSON. */
function observingJson(
  tell: (value: object) => void,
  tally: { sessions: number; withFindings: number },
): NonNullable<PluginOptions["observe"]> {
  let sessions = 0;
  const ended = (findings: number): void => {
    tally.sessions++;
    if (findings > 0) tally.withFindings++;
  };
  return ({ sourceAddress }) => new JsonSession(++sessions, sourceAddress, tell, ended);
}

/** @throws Error that names `--listen` */
async function started(options: Parameters<typeof NodeProxy.start>[0]): Promise<NodeProxy> {
  try {
    return await NodeProxy.start(options);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const { host, port } = options.listen;
    const why =
      { EADDRINUSE: "the port is already in use", EACCES: "this port needs root" }[code ?? ""] ?? message;
    throw new Error(`--listen ${host}:${port}: ${why}; choose another`, { cause: error });
  }
}

/** Prints lines as long as somebody reads them: mail does not wait for it, and unread lines must not pile up. */
function linesTo(io: Io): (line: string) => void {
  let dropped = 0;
  return (line) => {
    if ((io.unread?.() ?? 0) > MOST_UNREAD) {
      dropped++;
      return;
    }
    if (dropped > 0) io.out(`== ${dropped} lines not shown: the output was not read in time\n`);
    dropped = 0;
    io.out(inColour(io, `${line}\n`));
  };
}

/** Some 200,000 lines: a burst of a thousand long sessions. */
const MOST_UNREAD = 16 * 1024 * 1024;
