/** Where the configuration that `init` writes listens, sends mail and finds the module. */
import { isIP } from "node:net";
import { resolve } from "node:path";
import { type Endpoint, endpointOf } from "./arguments.js";
import { modulePath } from "./front.js";

/** As the user gave them. */
interface Given {
  to?: string | undefined;
  listen?: string | undefined;
  wasm?: string | undefined;
}

export interface EnvoyPlaces {
  to: Endpoint;
  listen: Endpoint;
  /** An absolute path: Envoy may be started in any folder. */
  wasm: string;
}

export interface IstioPlaces {
  /** Of the module, as the proxy of the workload sees it. */
  url: string;
  /** Of the workload. */
  port: number;
}

/** @throws Error that names the option */
export function envoyPlaces({ to, listen, wasm }: Given): EnvoyPlaces {
  const places = {
    to: endpointOf("--to", to ?? "127.0.0.1:2526", 1),
    listen: endpointOf("--listen", listen ?? "127.0.0.1:2525", 1),
    wasm: wasm === undefined ? modulePath() : resolve(wasm),
  };
  if (isIP(places.listen.host) === 0)
    throw new Error(
      `--listen needs an address and no name, such as 0.0.0.0:25, not ${JSON.stringify(listen)}`,
    );
  return places;
}

/** @throws Error that names the option */
export function istioPlaces({ to, listen, wasm = "/etc/envoy/smtp-inspector.wasm" }: Given): IstioPlaces {
  if (to !== undefined)
    throw new Error("--to is not for Istio: a WasmPlugin stands before the workload that its selector names");
  const { host, port } = endpointOf("--listen", listen ?? "*:25", 1);
  if (host !== "*")
    throw new Error(`--listen for Istio needs a port alone, as *:${port}: Istio itself knows the addresses`);
  if (/^(?:oci|https?|file):\/\/\S+$/.test(wasm)) return { url: wasm, port };
  if (/^\/\S*$/.test(wasm)) return { url: `file://${wasm}`, port };
  throw new Error(
    `--wasm for Istio needs an absolute path in the proxy, or a URL with oci, https or file, not ${JSON.stringify(wasm)}`,
  );
}

/** `envoy/envoy.yaml` with other places. @throws Error when it no longer has the shape that this relies on */
export function placed(yaml: string, { to, listen, wasm }: EnvoyPlaces): string {
  const socket = ({ host, port }: Endpoint): string =>
    `socket_address: { address: ${/^[\w.-]+$/.test(host) ? host : JSON.stringify(host)}, port_value: ${port} }`;
  // Envoy itself says which addresses a name has, and asks again.
  const type = isIP(to.host) === 0 ? "STRICT_DNS" : "STATIC";
  const changes: readonly (readonly [RegExp, string])[] = [
    [
      /^# A complete Envoy bootstrap:.*$/m,
      `# A complete Envoy bootstrap: mail for ${words(listen)} passes through the filter to a mail server on ${words(to)}.`,
    ],
    [
      /^# From the root of the repository.*$/m,
      "# envoy -c with the name of this file starts it; on a port below 1024 as root, or with CAP_NET_BIND_SERVICE.",
    ],
    [/socket_address: \{ address: 127\.0\.0\.1, port_value: 2525 \}/, socket(listen)],
    [/socket_address: \{ address: 127\.0\.0\.1, port_value: 2526 \}/, socket(to)],
    [/filename: build\/smtp-inspector\.wasm/, `filename: ${JSON.stringify(wasm)}`],
    [/^( *- name: mail_server\n *type: )STATIC$/m, type],
  ];
  return changes.reduce((text, [what, by]) => {
    if (!what.test(text)) throw new Error(`envoy/envoy.yaml lacks ${what.source}: use a complete checkout`);
    return text.replace(what, (_, before: unknown) => (typeof before === "string" ? before : "") + by);
  }, yaml);
}

const words = ({ host, port }: Endpoint): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
