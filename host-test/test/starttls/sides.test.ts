/** The switch makes TLS of the client's side, of the server's side and of both, and nothing else of a session. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bigMessage } from "../../peers/mail.js";
import { waitFor } from "../../peers/net.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import type { Talk } from "./mail-peer.js";
import { SwitchLab } from "./switch-lab.js";

const binary = (await envoyOrNull("the STARTTLS switch")) as string;
const GREETING = "220 mx.example.test ESMTP\r\n";

/** Sends a message of 3 MB. @returns how many octets of it the server counted */
async function mail(lab: SwitchLab, { client }: Talk): Promise<number> {
  const message = bigMessage(3_000_000).replace(/^\./gm, "x");
  expect(await client.ask("DATA")).toBe("354 go on");
  client.send(`${message}.\r\n`);
  expect(await client.reply()).toBe("250 kept");
  return lab.server.octets - message.length;
}

describe.skipIf(binary === null)("the switch", () => {
  test.each(["TLSv1.2", "TLSv1.3"] as const)("begins %s with the client", async (version) => {
    const lab = await SwitchLab.start({ binary });
    const talk = await lab.open();
    // The 220 is in clear, and nothing comes after it before the client's hello.
    expect(await talk.askForTls()).toBe(`${GREETING}220 ready\r\n`);
    const secure = await talk.encrypt({
      ca: readFileSync(lab.certificate.cert),
      minVersion: version,
      maxVersion: version,
    });
    expect([secure.authorized, secure.getProtocol()]).toEqual([true, version]);
    expect(await talk.client.ask("EHLO inside.example")).toBe("250 ok EHLO inside.example");
    expect(await mail(lab, talk)).toBe(0);
    expect(await talk.client.ask("VERSIONS")).toBe("250 ok VERSIONS");
    expect(await talk.client.ask("QUIT")).toBe("221 bye");
    const lines = ["NOOP", "EHLO inside.example", "DATA", "VERSIONS", "QUIT"];
    expect(lab.server.lines).toEqual(lines.map((line) => `clear ${line}`));
    expect(lab.answers("property")).toEqual(["0 downstream,upstream", `0 ${version}`, "1"]);
    expect(await lab.stat(`listener.127.0.0.1_0.ssl.versions.${version}`)).toBe(1);
  });

  test("begins TLS with the server, and what is said in the same moment is inside it", async () => {
    const lab = await SwitchLab.start({ binary });
    const talk = await lab.open();
    await talk.client.reply();
    expect(await talk.client.ask("EHLO up")).toBe("250 ok EHLO inside");
    expect(await mail(lab, talk)).toBe(0);
    expect(await talk.client.ask("VERSIONS")).toBe("250 ok VERSIONS");
    expect(lab.server.lines).toEqual(["clear STARTTLS", "tls EHLO inside", "tls DATA", "tls VERSIONS"]);
    expect(lab.answers("property")).toEqual(["0 downstream,upstream", "1", "0 TLSv1.3"]);
    expect(await lab.stat("cluster.smtp.ssl.versions.TLSv1.3")).toBe(1);
  });

  test("begins TLS with both, whichever comes first", async () => {
    const lab = await SwitchLab.start({ binary });
    for (const first of ["client", "server"]) {
      const talk = await lab.open();
      if (first === "client") {
        await talk.askForTls();
        await talk.encrypt({ rejectUnauthorized: false });
        expect(await talk.client.ask("EHLO up")).toBe("250 ok EHLO inside");
      } else {
        await talk.client.reply();
        expect(await talk.client.ask("EHLO up")).toBe("250 ok EHLO inside");
        expect(await talk.client.ask("STARTTLS")).toBe("220 ready");
        await talk.encrypt({ rejectUnauthorized: false });
      }
      expect(await mail(lab, talk)).toBe(0);
      lab.server.octets = 0;
    }
    expect(lab.server.lines).toEqual([
      ...["clear NOOP", "clear STARTTLS", "tls EHLO inside", "tls DATA"],
      ...["clear STARTTLS", "tls EHLO inside", "tls NOOP", "tls DATA"],
    ]);
  });

  test("leaves a session alone that never asks, and one that asks once more inside TLS", async () => {
    const lab = await SwitchLab.start({ binary });
    const plain = await lab.open();
    expect(await plain.client.reply()).toBe(GREETING.trimEnd());
    expect(await mail(lab, plain)).toBe(0);
    const talk = await lab.open();
    await talk.askForTls();
    await talk.encrypt({ rejectUnauthorized: false });
    expect(await talk.client.ask("STARTTLS")).toBe("220 ready");
    expect(await talk.client.ask("EHLO once.more")).toBe("250 ok EHLO once.more");
    expect(await lab.stat("listener.127.0.0.1_0.ssl.handshake")).toBe(1);
  });

  test("100 sessions, ten at a time, with Envoy's least buffer", async () => {
    const change = { listener: (listener: Record<string, unknown>) => void Object.assign(listener, LEAST) };
    const lab = await SwitchLab.start({ binary, change, envoy: { wasmLogLevel: "error" } });
    const session = async (index: number): Promise<void> => {
      const talk = await lab.open();
      expect(await talk.askForTls()).toBe(`${GREETING}220 ready\r\n`);
      const maxVersion = index % 2 === 0 ? "TLSv1.2" : "TLSv1.3";
      await talk.encrypt({ rejectUnauthorized: false, maxVersion });
      const command = `EHLO ${"x".repeat(300)}.${index}.example`;
      expect(await talk.client.ask(command)).toBe(`250 ok ${command}`);
      talk.destroy();
    };
    for (let round = 0; round < 10; round++)
      await Promise.all(Array.from({ length: 10 }, (_, each) => session(10 * round + each)));
    await lab.quiet();
    expect(await lab.stat("listener.127.0.0.1_0.ssl.handshake")).toBe(100);
    await waitFor(async () => (await lab.stat("cluster.smtp.upstream_cx_active")) === 0, "the server's side");
  });

  test("cannot begin TLS with a server through the transport socket of the PROXY protocol: the session ends", async () => {
    const change = {
      cluster: (cluster: Record<string, unknown>) => {
        const type = "type.googleapis.com/envoy.extensions.transport_sockets.proxy_protocol.v3";
        const typed_config = {
          "@type": `${type}.ProxyProtocolUpstreamTransport`,
          config: { version: "V1" },
          transport_socket: cluster["transport_socket"],
        };
        cluster["transport_socket"] = {
          name: "envoy.transport_sockets.upstream_proxy_protocol",
          typed_config,
        };
      },
    };
    const lab = await SwitchLab.start({ binary, change });
    const talk = await lab.open();
    expect((await talk.client.replies(2))[1]).toMatch(/^250 ok PROXY TCP4 127\.0\.0\.1 /);
    talk.client.send("EHLO up\r\n");
    expect((await talk.client.closed()).split("\r\n").slice(2)).toEqual([""]);
    await waitFor(() => lab.server.lines.length === 3, "the server to notice");
    expect(lab.server.lines.slice(1)).toEqual(["clear STARTTLS", "failed ERR_SSL_WRONG_VERSION_NUMBER"]);
    expect(lab.switchLogs()).toHaveLength(3);
  });

  test("tells for which ABI it was built, and that this Envoy lets it switch both sides", async () => {
    const lab = await SwitchLab.start({ binary });
    expect(lab.switchLogs().slice(0, 2)).toEqual([
      "[info][dynamic_modules] smtp_starttls: built for ABI v0.2.0 of dynamic modules (Envoy 1.40); switches downstream and upstream",
      "[info][dynamic_modules] Dynamic module ABI version v0.2.0 matched.",
    ]);
  });
});

const LEAST = { per_connection_buffer_limit_bytes: 16 };
