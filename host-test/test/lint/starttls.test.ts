/** What lint says of STARTTLS: nothing of the configurations in envoy/starttls, and a line for each way to break them. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { filterModule } from "../../cli/front.js";
import { lintFile } from "../../lint/file.js";
import { filterCheck } from "../../lint/filter-check.js";
import { problemLines } from "../../lint/problem.js";

const check = filterCheck(filterModule());
const read = (name: string): string =>
  readFileSync(new URL(`../../../envoy/starttls/${name}.yaml`, import.meta.url), "utf8");
const MX = read("envoy");
const EGRESS = read("egress");

/** What lint says to a text, without the place. */
const said = (text: string): string[] =>
  problemLines("f", text, lintFile(new TextEncoder().encode(text), check).problems).map((line) =>
    line.replace(/^f:\d+:\d+: /, ""),
  );

/** The text with `from` replaced. @throws Error when it is not in it exactly once */
function changed(text: string, from: string | RegExp, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`not once: ${String(from)}`);
  return text.replace(from, to);
}

/** A list item or a map entry, with all that is indented deeper. */
const block = (indent: number, first: string): RegExp =>
  new RegExp(`^ {${indent}}${first}.*\n(?: {${indent + 1},}.*\n)*`, "m");

const SWITCH = block(12, "- name: starttls_switch");
const SERVER_SOCKET = block(6, "transport_socket:");
const CLIENT_SOCKET = /^ {8}- # In clear .*\n {10}transport_socket:\n(?: {11,}.*\n)*/m;
const POLICY = ',\n                        "starttls": { "terminate": true, "originate": "offered" }';

test.each(["envoy", "submission", "egress"])("%s.yaml is right", (name) => {
  expect(said(read(name))).toEqual([]);
});

test("no switch", () => {
  expect(said(changed(MX, SWITCH, ""))).toEqual([
    'error: the policy has "starttls", and there is no switch before the filter: no TLS begins – put this before it: envoy.filters.network.dynamic_modules with dynamic_module_config: { name: smtp_starttls }, as in envoy/starttls',
  ]);
  expect(said(changed(EGRESS, SWITCH, ""))).toHaveLength(1);
});

test("another dynamic module is no switch", () => {
  expect(said(changed(MX, "{ name: smtp_starttls }", "{ name: other }"))).toHaveLength(1);
});

test("the switch after the filter", () => {
  const [filter = ""] = SWITCH.exec(MX) ?? [];
  const proxy = "            - name: envoy.filters.network.tcp_proxy\n";
  const text = changed(changed(MX, SWITCH, ""), proxy, filter + proxy);
  expect(said(text)).toEqual([
    "error: the switch comes after the filter, which does not see it: no TLS begins – move it before the filter",
  ]);
});

test("a switch and a transport socket that the policy has no use for", () => {
  expect(said(changed(MX, POLICY, "")).filter((line) => !line.startsWith("note: "))).toEqual([
    'warning: there is a switch, and the policy has no "starttls" for it – add "starttls": { "terminate": true } to the policy, or remove the switch',
  ]);
  expect(said(changed(MX, '"terminate": true, ', "")).filter((line) => !line.startsWith("note: "))).toEqual([
    'warning: the chain has a transport socket for STARTTLS, and the policy does not say "terminate" – add "terminate": true, or remove the transport_socket',
  ]);
});

test("no transport socket in the listener, or one that is TLS at once", () => {
  const name = "        - name: chain\n";
  expect(said(changed(MX, CLIENT_SOCKET, name))).toEqual([
    "error: no transport socket that can change to TLS: the session is closed after the 220 to STARTTLS – " +
      'transport_socket: { name: envoy.transport_sockets.starttls, typed_config: { "@type": …starttls.v3.StartTlsConfig, cleartext_socket_config: {}, tls_socket_config: … } }',
  ]);
  const tls = `${name}          transport_socket:
            name: envoy.transport_sockets.tls
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
`;
  expect(said(changed(MX, CLIENT_SOCKET, tls))).toEqual([
    'error: TLS begins at once on this port: there is no STARTTLS to terminate – "terminate": false, or a port of its own for STARTTLS',
  ]);
});

test("no transport socket in the cluster", () => {
  const line =
    "error: no transport socket that can change to TLS: the session is closed after the server's 220 to STARTTLS – " +
    'transport_socket: { name: envoy.transport_sockets.starttls, typed_config: { "@type": …starttls.v3.UpstreamStartTlsConfig, cleartext_socket_config: {}, tls_socket_config: … } }';
  for (const text of [MX, EGRESS]) expect(said(changed(text, SERVER_SOCKET, ""))).toEqual([line]);
});

test("the PROXY protocol around the cluster's transport socket", () => {
  const [socket = ""] = SERVER_SOCKET.exec(MX) ?? [];
  const wrapped = `      transport_socket:
        name: envoy.transport_sockets.upstream_proxy_protocol
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport
          config: { version: V1 }
${socket.replace(/^/gm, "    ").trimEnd()}
`;
  expect(said(changed(MX, SERVER_SOCKET, wrapped))).toEqual([
    `error: the transport socket of the PROXY protocol does not pass on that TLS begins: the session is closed after the server's 220 to STARTTLS – remove it, or set "originate": "never"`,
  ]);
});

test("always, and any certificate will do", () => {
  expect(said(changed(EGRESS, block(14, "validation_context:"), ""))).toEqual([
    'warning: "originate": "always", and any certificate will do: who is in between reads the mail – in common_tls_context: validation_context: { trusted_ca: …, match_typed_subject_alt_names: … }',
  ]);
});
