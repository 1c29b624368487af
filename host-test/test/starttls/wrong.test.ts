/** The switch missing, in the wrong place, without its transport socket, or in an older Envoy. */
import { describe, expect, test } from "vitest";
import { EnvoyFailed } from "../../host/envoy-process.js";
import { waitFor } from "../../peers/net.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { installEnvoy } from "../support/older-envoy.js";
import { type Chain, SwitchLab, type SwitchLabOptions, temporaryFolder } from "./switch-lab.js";

const binary = (await envoyOrNull("the STARTTLS switch where it does not fit")) as string;
/** SMTP_INSPECTOR_FAULTS=long: also with older versions of Envoy, each installed once. */
const LONG = process.env["SMTP_INSPECTOR_FAULTS"] === "long";

const BUILT = "smtp_starttls: built for ABI v0.2.0 of dynamic modules (Envoy 1.40); ";
const NO_SOCKET =
  "has no transport socket envoy.transport_sockets.starttls: a session is closed where TLS should begin";

/** Makes the listener one whose TLS begins at once, as on port 465. */
function tlsFromTheStart(chain: Chain): void {
  const { typed_config } = chain.transport_socket as { typed_config: { tls_socket_config: object } };
  const type = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext";
  const config = { "@type": type, ...typed_config.tls_socket_config };
  chain.transport_socket = { name: "envoy.transport_sockets.tls", typed_config: config };
}

/** What Envoy says in place of serving. */
async function refusal(options: SwitchLabOptions): Promise<string> {
  const failed = await SwitchLab.start(options).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(EnvoyFailed);
  return (failed as EnvoyFailed).logs.join("\n");
}

describe.skipIf(binary === null)("the filter does not see a switch", () => {
  test("that is not in the chain", async () => {
    const lab = await SwitchLab.start({ binary, change: { chain: ({ filters }) => filters.shift() } });
    expect(await (await lab.open()).client.reply()).toMatch(/^220 /);
    expect(lab.answers("property")).toEqual(["1"]);
  });

  test("that comes after it", async () => {
    const change: SwitchLabOptions["change"] = {
      chain: ({ filters }) => filters.splice(0, 2, filters[1] as never, filters[0] as never),
    };
    const lab = await SwitchLab.start({ binary, change });
    expect(await (await lab.open()).client.reply()).toMatch(/^220 /);
    expect(lab.answers("property")).toEqual(["1"]);
  });
});

describe.skipIf(binary === null)("a session is closed, and one line is logged,", () => {
  test.each(["no transport socket", "a socket that is TLS from the start", "no TLS in the cluster"])(
    "where there is %s",
    async (what) => {
      const lab = await SwitchLab.start({
        binary,
        change: {
          chain: (chain) => {
            if (what === "no transport socket") delete chain.transport_socket;
            if (what.startsWith("a socket")) tlsFromTheStart(chain);
          },
          cluster: (cluster) => what === "no TLS in the cluster" && delete cluster["transport_socket"],
        },
      });
      for (let session = 0; session < 2; session++) {
        const talk = await lab.open();
        if (what.startsWith("a socket")) await talk.encrypt({ rejectUnauthorized: false });
        await talk.client.reply();
        talk.client.send(what === "no TLS in the cluster" ? "EHLO up\r\n" : "STARTTLS\r\n");
        const transcript = await talk.client.closed();
        const ready = what === "no TLS in the cluster" ? "" : "220 ready\r\n";
        expect(transcript).toBe(`220 mx.example.test ESMTP\r\n${ready}`);
      }
      const side = what === "no TLS in the cluster" ? "cluster" : "listener";
      expect(lab.switchLogs().slice(2)).toEqual([
        `[error][dynamic_modules] smtp_starttls: the ${side} ${NO_SOCKET}`,
      ]);
      // The EHLO that was meant for TLS has left before the switch could know; nothing else does.
      const failed = "failed ERR_SSL_WRONG_VERSION_NUMBER";
      const lines = side === "cluster" ? ["clear STARTTLS", failed] : ["clear NOOP"];
      await waitFor(() => lab.server.lines.length >= 2 * lines.length, "the server to notice");
      expect(lab.server.lines).toEqual([...lines, ...lines]);
    },
  );
});

describe.skipIf(binary === null)("the switch leaves alone", () => {
  test("a listener that is TLS from the start", async () => {
    const lab = await SwitchLab.start({
      binary,
      change: { chain: tlsFromTheStart },
    });
    const talk = await lab.open();
    await talk.encrypt({ rejectUnauthorized: false });
    expect(await talk.client.reply()).toMatch(/^220 /);
    expect(await talk.client.ask("EHLO up")).toBe("250 ok EHLO inside");
    expect(lab.server.lines).toEqual(["clear STARTTLS", "tls EHLO inside"]);
  });
});

describe.skipIf(binary === null)("Envoy refuses the configuration", () => {
  test("when the library is not in ENVOY_DYNAMIC_MODULES_SEARCH_PATH", async () => {
    const env = { ENVOY_DYNAMIC_MODULES_SEARCH_PATH: await temporaryFolder() };
    expect(await refusal({ binary, envoy: { env } })).toMatch(
      /libsmtp_starttls\.so not found in any search path: .*\/libsmtp_starttls\.so or standard library paths/,
    );
  });
});

// Not even defined in the short form, where nothing may be skipped.
if (LONG)
  describe("older versions of Envoy", () => {
    test("of 1.37, which takes no library of another version, and 1.36, which takes none", async () => {
      const older = await refusal({ binary: await installEnvoy("1.37.0") });
      expect(older).toContain(`[error][dynamic_modules] ${BUILT}this Envoy lets it switch nothing`);
      expect(older).toMatch(
        /Failed to load dynamic module: libsmtp_starttls\.so not found in any search path/,
      );
      expect(await refusal({ binary: await installEnvoy("1.36.4") })).toMatch(
        /could not find @type 'type\.googleapis\.com\/envoy\.extensions\.filters\.network\.dynamic_modules\.v3/,
      );
    }, 600_000);

    test("1.39 warns, and lets it switch the server's side only", async () => {
      const lab = await SwitchLab.start({ binary: await installEnvoy("1.39.3") });
      expect(lab.switchLogs().slice(0, 2)).toEqual([
        `[error][dynamic_modules] ${BUILT}this Envoy lets it switch upstream only`,
        "[warning][dynamic_modules] Dynamic module ABI version v0.2.0 is deprecated. Please recompile the module against the SDK with the exact Envoy version used by the main program.",
      ]);
      const talk = await lab.open();
      await talk.client.reply();
      expect(lab.answers("property")).toEqual(["0 upstream"]);
      expect(await talk.client.ask("EHLO up")).toBe("250 ok EHLO inside");
      expect(lab.server.lines).toEqual(["clear STARTTLS", "tls EHLO inside"]);
    }, 600_000);
  });
