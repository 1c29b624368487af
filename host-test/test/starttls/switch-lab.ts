/**
 * The switch in a real Envoy, with host-test/probe in the filter's place: STARTTLS gets 220, and "EHLO up" makes Envoy say
 * STARTTLS to the server first.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { switchPaths } from "../../cli/build-starttls.js";
import { envoyBootstrap } from "../../host/envoy-bootstrap.js";
import { type EnvoyOptions, EnvoyProcess } from "../../host/envoy-process.js";
import { buildSwitchOnce } from "../../host/envoy-switch.js";
import { selfSigned, waitFor } from "../../peers/net.js";
import { buildProbe } from "../support/probe.js";
import { type Certificate, MailPeer, Talk } from "./mail-peer.js";

/** A listener or cluster as Envoy's configuration has it. */
export type Resource = Record<string, unknown>;
export type Chain = { filters: Resource[]; transport_socket?: Resource };

export interface SwitchLabOptions {
  binary: string;
  /** Rules of the probe, before the usual ones. */
  rules?: string;
  /** What the server says in place of its part of the handshake, see `MailPeer.start`. */
  inHelloPlace?: string;
  change?: {
    chain?: (chain: Chain) => void;
    cluster?: (cluster: Resource) => void;
    listener?: (listener: Resource) => void;
  };
  envoy?: Partial<EnvoyOptions>;
}

const RULES = `new = property filter_state/smtp_inspector.starttls_switch
down STARTTLS = set 2 0 9999 NOOP~
up 250 noop = set 3 0 9999 220 ready~; store smtp_inspector.starttls_downstream 1
down EHLO up = set 2 0 9999 STARTTLS~; continue 2; return 1
up 220 tls = set 3 0 9999 ; store smtp_inspector.starttls_upstream 1; set 2 0 0 EHLO inside~; continue 2
down VERSIONS = property connection/tls_version; property upstream/tls_version`;

const TYPE = "type.googleapis.com/envoy.extensions.";

/** The switch as a filter. */
export const SWITCH = {
  name: "starttls_switch",
  typed_config: {
    "@type": `${TYPE}filters.network.dynamic_modules.v3.DynamicModuleNetworkFilter`,
    dynamic_module_config: { name: "smtp_starttls" },
    filter_name: "starttls_switch",
  },
};

/** The transport socket of a listener, or of a cluster. @param context a TlsContext */
export const startTls = (side: "listener" | "cluster", context: object): Resource => ({
  name: "envoy.transport_sockets.starttls",
  typed_config: {
    "@type": `${TYPE}transport_sockets.starttls.v3.${side === "listener" ? "" : "Upstream"}StartTlsConfig`,
    cleartext_socket_config: {},
    tls_socket_config: context,
  },
});

export const certificates = ({ cert, key }: Certificate): object => ({
  common_tls_context: {
    tls_certificates: [{ certificate_chain: { filename: cert }, private_key: { filename: key } }],
  },
});

export class SwitchLab {
  envoy!: EnvoyProcess;
  port = 0;

  private constructor(
    readonly server: MailPeer,
    readonly certificate: Certificate,
  ) {}

  /** Starts server and Envoy; both end with the test. */
  static async start(options: SwitchLabOptions): Promise<SwitchLab> {
    const { directory, ...certificate } = await selfSigned();
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const server = await MailPeer.start(certificate, options.inHelloPlace);
    onTestFinished(() => server.stop());
    const lab = new SwitchLab(server, certificate);
    const policy = `${options.rules ?? ""}\n${RULES}`;
    const wasm = await buildProbe();
    const bootstrap = envoyBootstrap([{ name: "smtp", wasm, policy, upstreamPort: server.port }]);
    alter(bootstrap, certificate, options.change ?? {});
    lab.envoy = await EnvoyProcess.start({
      bootstrap,
      binary: options.binary,
      logLevels: "dynamic_modules:info",
      env: { ENVOY_DYNAMIC_MODULES_SEARCH_PATH: await librariesFolder() },
      ...options.envoy,
    });
    onTestFinished(() => lab.envoy.stop());
    lab.port = (await lab.envoy.ports()).get("smtp") as number;
    return lab;
  }

  /** A client, gone at the end of the test. */
  async open(): Promise<Talk> {
    const talk = await Talk.open(this.port);
    onTestFinished(() => talk.destroy());
    return talk;
  }

  /** What the probe answered to instructions that begin with this word. */
  answers(word: string): string[] {
    const said = this.envoy.wasmLogs.map(({ message }) => message);
    return said
      .filter((message) => message.startsWith(`${word} `))
      .map((each) => each.slice(word.length + 1));
  }

  /** What the switch has logged, and Envoy of modules. */
  switchLogs(): string[] {
    return this.envoy.logs.filter((line) => line.includes("[dynamic_modules]"));
  }

  /** One of Envoy's statistics, by the end of its name; 0 where it was never touched. */
  async stat(end: string): Promise<number> {
    const found = [...(await this.envoy.stats())].filter(([name]) => name.endsWith(end));
    return found.reduce((sum, [, value]) => sum + value, 0);
  }

  /** Waits until no session is left. */
  async quiet(): Promise<void> {
    const left = "listener.127.0.0.1_0.downstream_cx_active";
    await waitFor(async () => (await this.stat(left)) === 0, "all sessions to end");
  }
}

/** The folder of the switch's library, built when it is missing or older than its source. */
export async function librariesFolder(): Promise<string> {
  const paths = switchPaths();
  await buildSwitchOnce(paths);
  return dirname(paths.output);
}

/** A folder of its own, removed at the end of the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "starttls-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function alter(bootstrap: object, certificate: Certificate, change: SwitchLabOptions["change"] = {}): void {
  const { listeners, clusters } = (bootstrap as { static_resources: Record<string, Resource[]> })
    .static_resources;
  const [listener, cluster] = [listeners?.[0] as Resource, clusters?.[0] as Resource];
  const chain = (listener["filter_chains"] as Chain[])[0] as Chain;
  chain.filters.unshift(SWITCH);
  chain.transport_socket = startTls("listener", certificates(certificate));
  const validation = { validation_context: { trusted_ca: { filename: certificate.cert } } };
  cluster["transport_socket"] = startTls("cluster", {
    common_tls_context: { ...validation, tls_params: { tls_maximum_protocol_version: "TLSv1_3" } },
  });
  change.chain?.(chain);
  change.listener?.(listener);
  change.cluster?.(cluster);
}
