/** `smtp-inspector init`: a configuration to start from, with a comment for every protection. */
import { join } from "node:path";
import { ADDRESS_KEY, EVENTS_PER_SECOND, LIMITS } from "../../assembly/policy/fields.js";
import { defaults } from "../pages/policy.js";
import { PROFILES } from "../pages/words.js";
import { nearest } from "../lint/nearest.js";
import { argumentsOf } from "./arguments.js";
import type { Command } from "./command.js";
import { PAGES } from "../pages/generated-pages.js";
import { aboutInteger } from "../pages/integers.js";
import { modeUnder, type Page } from "../pages/page.js";
import { projectRoot, readOrExplain } from "./front.js";
import { envoyPlaces, type IstioPlaces, istioPlaces, placed } from "./init-places.js";

const FORMATS = ["envoy", "istio"];

export const init: Command = {
  name: "init",
  summary: "Writes a commented configuration to start from",
  help: `Usage: smtp-inspector init [--profile P] [--for envoy|istio]
                           [--to HOST:PORT] [--listen HOST:PORT] [--wasm PATH]

Writes a configuration to stdout that lists and explains every protection, with
its mode in profile P: monitor, recommended (default), strict or submission.

  --profile P   monitor: all detect; strict: all that can prevent, prevent
  --for envoy   a complete Envoy bootstrap (default). The policy in it is
                JSON, which has no comments, so they are above it.
  --for istio   a WasmPlugin; each line of its policy has a comment
  --to A        your mail server (default 127.0.0.1:2526); not with Istio
  --listen A    where Envoy listens (default 127.0.0.1:2525); with Istio the
                workload's port alone (default *:25)
  --wasm PATH   the module (default: this program's own); with Istio a path in
                the proxy (/etc/envoy/smtp-inspector.wasm) or an oci:// URL

Exit code: 0, or 2 when an argument is wrong.

Examples:
  smtp-inspector init --to mx.example.org:25 --listen 0.0.0.0:25
  smtp-inspector init --profile strict --for istio
`,
  async run(args, io) {
    const { values } = argumentsOf("smtp-inspector init", args, {
      profile: { type: "string" },
      for: { type: "string" },
      to: { type: "string" },
      listen: { type: "string" },
      wasm: { type: "string" },
    });
    const profile = oneOf("--profile", values.profile ?? "recommended", PROFILES);
    const format = oneOf("--for", values.for ?? "envoy", FORMATS);
    io.out(
      format === "istio" ? istio(profile, istioPlaces(values)) : placed(envoy(profile), envoyPlaces(values)),
    );
    return 0;
  },
};

/** @throws Error that names the option and its values */
function oneOf(option: string, word: string, known: readonly string[]): string {
  if (known.includes(word)) return word;
  const guess = nearest(word, known);
  const hint = guess === null ? "" : `; did you mean "${guess}"?`;
  throw new Error(`${option} needs one of ${known.join(", ")}, not ${JSON.stringify(word)}${hint}`);
}

/** `envoy/envoy.yaml` with the complete policy instead of its short one. */
function envoy(profile: string): string {
  const yaml = readOrExplain(
    join(projectRoot(), "envoy", "envoy.yaml"),
    "use a complete checkout",
  ).toString();
  const found = /^( *)configuration:\n(?:.*\n)*? *value: \|\n((?: +.*\n)*?) *\}\n/m.exec(yaml);
  if (found === null)
    throw new Error("envoy/envoy.yaml no longer has its policy in a block: use a complete checkout");
  const [block, indent = ""] = found;
  const within = (lines: string[], by: string): string =>
    lines.map((line) => `${by}${line}\n`.trimEnd() + "\n").join("");
  const comments = [
    `# The policy, with the modes of profile ${profile}. What each protection stops:`,
    ...PAGES.map((page) => `#   ${page.id}: ${page.summary}${preventing(page)}`),
    "# Modes: off, detect (only report), prevent. Instead of a mode there may be an object:",
    '#   "private_command": { "mode": "prevent", "allow": ["XUSR"], "exempt_sources": ["10.0.0.0/8"] }',
    "# Limits and events, here with their defaults; exempt_sources: clients that every protection leaves alone;",
    "# trusted_sources: clients for which every protection at most detects.",
    ...[...LIMITS, EVENTS_PER_SECOND].map(({ key }) => `#   ${key}: ${aboutInteger(key).summary}`),
    "#   excerpt: how an event shows the bytes that matched: masked, full or none.",
    `#   addresses: ${ADDRESSES_HELP}`,
  ];
  const configuration = [
    "configuration:",
    "  # A StringValue with JSON in it. A Struct does not reach a network filter as JSON.",
    '  "@type": type.googleapis.com/google.protobuf.StringValue',
    "  value: |",
    ...policyText(profile)
      .split("\n")
      .map((line) => `    ${line}`),
  ];
  return yaml.replace(block, () => within(comments, indent) + within(configuration, indent));
}

/** A WasmPlugin: Istiod converts `pluginConfig` to JSON, so it may have YAML comments. */
function istio(profile: string, { url, port }: IstioPlaces): string {
  const lines = [
    "# A WasmPlugin for Istio: fill in your workload, and a url at which its proxy finds the module.",
    "apiVersion: extensions.istio.io/v1alpha1",
    "kind: WasmPlugin",
    "metadata: { name: smtp-inspector, namespace: mail }",
    "spec:",
    "  selector: { matchLabels: { app: mail-server } }",
    "  # Without it Istio takes the module for an HTTP filter, which never sees SMTP.",
    "  type: NETWORK",
    `  url: ${url}`,
    "  phase: AUTHZ",
    "  # If the filter ever fails, its connections are closed and it is reloaded.",
    "  failStrategy: FAIL_RELOAD",
    "  pluginName: smtp_inspector",
    `  match: [{ mode: SERVER, ports: [{ number: ${port} }] }]`,
    "  pluginConfig:",
    "    stat_prefix: mail_in",
    "    # Modes of the protections that are not named below.",
    `    profile: ${profile}`,
    '    # "off" needs its quotes: without them YAML makes it false.',
    "    protections:",
    ...PAGES.flatMap((page) => [
      `      # ${page.summary}${preventing(page)}`,
      `      ${page.id}: ${inYaml(modeUnder(profile, page))}`,
    ]),
    "    limits:",
    ...LIMITS.flatMap(({ key, initial }) => [
      `      # ${aboutInteger(key).summary}`,
      `      ${key}: ${initial}`,
    ]),
    ...istioEvents(),
    "    # Clients that every protection leaves alone: addresses and networks.\n    exempt_sources: []",
    "    # Clients for which every protection at most detects.\n    trusted_sources: []",
  ];
  return `${lines.join("\n")}\n`;
}

/** A mode in YAML, where `off` would be false. */
const inYaml = (mode: string): string => (mode === "off" ? '"off"' : mode);

function istioEvents(): string[] {
  return [
    "    events:",
    `      # ${aboutInteger(EVENTS_PER_SECOND.key).summary}`,
    `      ${EVENTS_PER_SECOND.key}: ${EVENTS_PER_SECOND.initial}`,
    "      # How an event shows the bytes that matched: masked, full or none.",
    "      excerpt: masked",
    `      # ${ADDRESSES_HELP[0]?.toUpperCase()}${ADDRESSES_HELP.slice(1)}`,
    "      addresses: full",
    `      address_key: "${ADDRESS_KEY}"`,
  ];
}

/** The policy as JSON, one protection per line. */
function policyText(profile: string): string {
  const policy = {
    stat_prefix: "mail_in",
    profile,
    protections: Object.fromEntries(PAGES.map((page) => [page.id, modeUnder(profile, page)])),
    ...defaults(),
  };
  return JSON.stringify(policy, null, 2);
}

const ADDRESSES_HELP =
  "how an event shows them: full, domain, hashed (with address_key, 32 hexadecimal digits) or none.";

const preventing = ({ actions }: Page): string => ` Prevent: ${actions[0]}.`;
