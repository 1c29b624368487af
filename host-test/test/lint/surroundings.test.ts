/** What surrounds the filter and is right though it looks like what lint warns of. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { filterModule } from "../../cli/front.js";
import { lintFile } from "../../lint/file.js";
import { filterCheck } from "../../lint/filter-check.js";
import { problemLines } from "../../lint/problem.js";
import { blocks, withFragment } from "../support/fragments.js";

const FOLDER = new URL("./inputs/", import.meta.url);
const check = filterCheck(filterModule());

/** What lint says to a text that stands in a file called `f`. */
function said(text: string): string[] {
  return problemLines("f", text, lintFile(new TextEncoder().encode(text), check).problems);
}

test("a WasmPlugin on port 25, beside a Service whose port is called smtp", () => {
  const service =
    "apiVersion: v1\nkind: Service\nmetadata: { name: postfix }\nspec:\n  ports: [{ name: smtp, port: 25 }]\n---\n";
  const plugin = `apiVersion: extensions.istio.io/v1alpha1
kind: WasmPlugin
metadata: { name: smtp-inspector }
spec:
  type: NETWORK
  url: oci://registry.example/smtp-inspector:1.0
  failStrategy: FAIL_RELOAD
  match: [{ mode: SERVER, ports: [{ number: 25 }] }]
  pluginConfig: { profile: monitor }
`;
  expect(said(service + plugin)).toEqual([]);
});
test("tls_inspector on a port where TLS begins at once", () => {
  const text = readFileSync(new URL("tls-inspector.yaml", FOLDER), "utf8");
  const tls = `        - transport_socket:
            name: envoy.transport_sockets.tls
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
          filters:\n`;
  expect(said(text)).toHaveLength(1);
  expect(said(text.replace("        - filters:\n", tls))).toEqual([]);
});

test("every piece of configuration on our pages, in its place in envoy.yaml", () => {
  const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
  const yaml = read("envoy/envoy.yaml");
  const pieces = ["README.md", "envoy/README.md"].flatMap((page) => blocks(read(page), "yaml"));
  expect(pieces).toHaveLength(5);
  for (const piece of [...pieces, read("envoy/capabilities.yaml")]) {
    const bootstrap = JSON.stringify(withFragment(yaml, piece, "smtp-inspector.wasm"));
    expect(said(bootstrap).filter((line) => !line.includes(": note: "))).toEqual([]);
  }
});
