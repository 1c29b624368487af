/** The PROXY protocol and TLS, before and after the filter: mail flows, and client addresses arrive where they should. */
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { selfSigned, waitFor } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";
import { proxyInFront, proxyOut } from "../support/proxy-protocol.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { alertsIn } from "../../workbench/events.js";
import { FaultLab, type LabOptions, type Resource } from "./lab.js";

const binary = await envoyOrNull("faults: PROXY protocol and TLS");

const EXTENSIONS = "type.googleapis.com/envoy.extensions";

/** Version 2: its signature, command PROXY, family and protocol, length, addresses and ports. */
function version2(source: number[], destination: number[]): Buffer {
  const signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21];
  const family = source.length === 4 ? 0x11 : 0x21;
  const rest = [...source, ...destination, 0xdc, 0x04, 0x00, 0x19];
  return Buffer.from([...signature, family, 0, rest.length, ...rest]);
}

/** 2001:db8::N */
const v6 = (last: number): number[] => [0x20, 0x01, 0x0d, 0xb8, ...Array<number>(11).fill(0), last];

const HEADERS: [string, Uint8Array | string, string, string][] = [
  ["version 1", "PROXY TCP4 192.0.2.7 198.51.100.1 56324 25\r\n", "192.0.2.7:56324", "TCP4 192.0.2.7"],
  [
    "version 1, IPv6",
    "PROXY TCP6 2001:db8::7 2001:db8::1 56324 25\r\n",
    "[2001:db8::7]:56324",
    "TCP6 2001:db8::7",
  ],
  ["version 2", version2([192, 0, 2, 7], [198, 51, 100, 1]), "192.0.2.7:56324", "TCP4 192.0.2.7"],
  ["version 2, IPv6", version2(v6(7), v6(1)), "[2001:db8::7]:56324", "TCP6 2001:db8::7"],
];

const dialWith =
  (header: Uint8Array | string) =>
  async (port: number): Promise<RawClient> => {
    const client = await RawClient.connect(port);
    client.send(header);
    return client;
  };

const start = (options: Partial<LabOptions> = {}): Promise<FaultLab> =>
  FaultLab.start({ binary: binary as string, ...options });

/** Sends `count` mails one after another, and finds what a client sends that must not: none is lost. */
async function servesAndInspects(
  lab: FaultLab,
  dial: (port: number) => Promise<RawClient>,
  count: number,
): Promise<void> {
  const traffic = lab.traffic({ dial });
  await traffic.more(count);
  const client = await dial(lab.port);
  onTestFinished(() => client.destroy());
  await client.reply();
  expect(await client.ask("XADR")).toBe("502 5.5.1 private_command: rejected by policy");
  await client.ask("QUIT");
  await lab.settle(traffic);
  expect(traffic.cut).toBe(0);
}

describe.skipIf(binary === null)("the PROXY protocol", () => {
  test.each(HEADERS)("%s in front, passed on to the server", async (_what, header, source, passedOn) => {
    const change = { listener: proxyInFront, cluster: proxyOut };
    const lab = await start({ change });
    const dial = dialWith(header);
    await servesAndInspects(lab, dial, 20);
    for (const line of lab.server.proxyHeaders) expect(line).toMatch(`PROXY ${passedOn} `);
    expect(lab.server.proxyHeaders).toHaveLength(lab.server.connections);
    const address = /^\[?(.*?)\]?:(\d+)$/.exec(source) as RegExpExecArray;
    const logged = alertsIn(lab.envoy.wasmLogs);
    expect(logged.map((event) => [event["src_ip"], event["src_port"]])).toEqual([
      [address[1], Number(address[2])],
    ]);
  });

  test("mail without a header is turned away, other mail flows", async () => {
    const lab = await start({ change: { listener: proxyInFront } });
    const traffic = lab.traffic({ dial: dialWith(HEADERS[0]?.[1] as string) });
    const bare = await RawClient.connect(lab.port);
    bare.send("EHLO client.example.org\r\n");
    expect(await bare.closed()).toBe("");
    await traffic.more(10);
    await lab.settle(traffic);
    expect(traffic.cut).toBe(0);
  });
});

/** TLS on both sides of the filter, with one certificate. */
async function certificate(): Promise<{ cert: string; key: string }> {
  const made = await selfSigned();
  onTestFinished(() => rm(made.directory, { recursive: true, force: true }));
  return { cert: readFileSync(made.cert, "utf8"), key: readFileSync(made.key, "utf8") };
}

const tlsType = `${EXTENSIONS}.transport_sockets.tls.v3`;

const tlsInFront =
  (pair: { cert: string; key: string }) =>
  (listener: Resource): void => {
    const chain = (listener["filter_chains"] as Resource[])[0] as Resource;
    chain["transport_socket"] = {
      name: "envoy.transport_sockets.tls",
      typed_config: {
        "@type": `${tlsType}.DownstreamTlsContext`,
        common_tls_context: {
          tls_certificates: [
            { certificate_chain: { inline_string: pair.cert }, private_key: { inline_string: pair.key } },
          ],
        },
      },
    };
  };

const tlsToServer = (cluster: Resource): void => {
  cluster["transport_socket"] = {
    name: "envoy.transport_sockets.tls",
    typed_config: { "@type": `${tlsType}.UpstreamTlsContext` },
  };
};

async function dialTls(port: number): Promise<RawClient> {
  const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  return RawClient.over(socket);
}

describe.skipIf(binary === null)("TLS", () => {
  test.each([
    ["at the listener, as on port 465", true, false],
    ["to the server", false, true],
    ["on both sides", true, true],
  ])("%s: the filter reads the mail, none is lost", async (_what, front, back) => {
    const pair = await certificate();
    const change: NonNullable<LabOptions["change"]> = {};
    if (front) change.listener = tlsInFront(pair);
    if (back) change.cluster = tlsToServer;
    const lab = await start({ change, ...(back && { server: { tls: pair } }) });
    const dial = front ? dialTls : RawClient.connect;
    await servesAndInspects(lab, dial, 30);
    expect(lab.errors).toEqual([]);
    await lab.quiet();
  });

  test("a client that speaks in clear to a TLS listener gets nothing and disturbs nobody", async () => {
    const lab = await start({ change: { listener: tlsInFront(await certificate()) } });
    const traffic = lab.traffic({ dial: dialTls });
    const clear = await RawClient.connect(lab.port);
    clear.send("EHLO client.example.org\r\n");
    expect(await clear.closed()).not.toMatch(/^\d{3}/);
    await traffic.more(10);
    await lab.settle(traffic);
    expect(traffic.cut).toBe(0);
    await waitFor(() => lab.server.open === 0, "the server's connections to end");
  });
});
