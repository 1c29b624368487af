/** Whatever goes wrong between the 220 and TLS: the session ends, nothing in clear passes for TLS, and nobody else notices. */
import { describe, expect, test } from "vitest";
import { selfSigned, waitFor } from "../../peers/net.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import type { Talk } from "./mail-peer.js";
import { SwitchLab } from "./switch-lab.js";

const binary = (await envoyOrNull("faults around the STARTTLS switch")) as string;

/** A session that goes well, in the worker that has just had to do with another. */
async function another(lab: SwitchLab): Promise<void> {
  const talk = await lab.open();
  expect(await talk.askForTls()).toMatch(/220 ready\r\n$/);
  await talk.encrypt({ rejectUnauthorized: false });
  expect(await talk.client.ask("EHLO another")).toBe("250 ok EHLO another");
  talk.destroy();
}

/** What a TLS engine says to what is no hello: the beginning of an alert record. */
const ALERT = "\x15\x03";

const MUCH = 16_000_000;
const LONG = `EHLO ${"x".repeat(60_000)}\r\n`;

/** A client that does not read, and whose 220 is written and cannot leave. */
async function blocked(): Promise<{ lab: SwitchLab; talk: Talk }> {
  const change = {
    listener: (listener: object) => Object.assign(listener, { per_connection_buffer_limit_bytes: MUCH }),
  };
  const lab = await SwitchLab.start({ binary, change });
  const talk = await lab.open();
  await talk.client.reply();
  talk.socket.pause();
  // Replies of more than the systems on both sides take.
  for (let sent = 0; sent < MUCH / 2; sent += LONG.length) talk.client.send(LONG);
  const received = async (): Promise<number> => lab.stat("cluster.smtp.upstream_cx_rx_bytes_total");
  await waitFor(async () => (await received()) > MUCH / 2, "the replies");
  talk.client.send("STARTTLS\r\n");
  await waitFor(() => lab.answers("store").length === 1, "the 220 to be written");
  return { lab, talk };
}

describe.skipIf(binary === null)("a client", () => {
  test.each(["FIN", "RST"])("that closes after the 220, by %s", async (how) => {
    const lab = await SwitchLab.start({ binary });
    const talk = await lab.open();
    await talk.askForTls();
    if (how === "FIN") talk.socket.end();
    else talk.socket.resetAndDestroy();
    await lab.quiet();
    await another(lab);
    expect(lab.server.lines).toEqual(["clear NOOP", "clear NOOP", "clear EHLO another"]);
  });

  test.each([
    "EHLO in.clear\r\nMAIL FROM:<a@example.org>\r\n",
    "\0".repeat(3000),
    "\x16\x03\x01\xff\xff\x01",
  ])("that sends no hello, %j", async (instead) => {
    const lab = await SwitchLab.start({ binary });
    const talk = await lab.open();
    const clear = await talk.askForTls();
    talk.client.send(instead);
    if (instead.startsWith("\x16")) talk.socket.end();
    const after = (await talk.client.closed()).slice(clear.length);
    if (!instead.startsWith("\x16")) expect(after.slice(0, 2)).toBe(ALERT);
    await another(lab);
    expect(lab.server.lines).toEqual(["clear NOOP", "clear NOOP", "clear EHLO another"]);
    expect(await lab.stat("listener.127.0.0.1_0.ssl.connection_error")).toBe(1);
  });

  test("whose 220 is still on its way, and who meanwhile speaks in clear, is not read as inside TLS", async () => {
    const { lab, talk } = await blocked();
    talk.client.send("RCPT TO:<root>\r\n");
    const plain = await lab.open();
    await plain.client.reply();
    expect(await plain.client.ask("EHLO plain")).toBe("250 ok EHLO plain");
    expect(lab.answers("down").filter((each) => each.endsWith(" 16 0"))).toEqual([]);
    talk.socket.resume();
    await talk.client.closed();
    expect(lab.server.lines.filter((line) => line.length < 100)).toEqual(["clear NOOP", "clear EHLO plain"]);
    expect(await lab.stat("listener.127.0.0.1_0.ssl.connection_error")).toBe(1);
  });

  test("that is slow: TLS begins when all that comes before it has left", async () => {
    const { lab, talk } = await blocked();
    expect(await lab.stat("tcp.smtp.downstream_cx_tx_bytes_buffered")).toBeGreaterThan(100_000);
    talk.socket.resume();
    await waitFor(() => talk.client.transcript.endsWith("\r\n220 ready\r\n"), "the 220");
    await talk.encrypt({ rejectUnauthorized: false });
    expect(await talk.client.ask("EHLO inside")).toBe("250 ok EHLO inside");
    expect(await talk.client.ask(LONG.trimEnd())).toBe(`250 ok ${LONG.trimEnd()}`);
  });

  test("whose hello comes before the 220 was written: the filter gets it, and there is no TLS", async () => {
    const hello = "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03";
    const rules = "down STARTTLS = set 2 0 10 ; set 2 0 0 NOOP~";
    const lab = await SwitchLab.start({ binary, rules });
    const talk = await lab.open();
    await talk.client.reply();
    talk.client.send(`STARTTLS\r\n${hello}`);
    expect(await talk.client.reply()).toBe("220 ready");
    expect(lab.answers("down")).toEqual([expect.stringMatching(/ 20 0$/)]);
    talk.client.send("EHLO in.clear\r\n");
    await talk.client.closed();
    expect(lab.server.lines).toEqual(["clear NOOP"]);
    expect(await lab.stat("listener.127.0.0.1_0.ssl.handshake")).toBe(0);
  });
});

describe.skipIf(binary === null)("a server", () => {
  test("that says something in clear in place of its hello: the client does not get it", async () => {
    const lab = await SwitchLab.start({ binary, inHelloPlace: "250 injected\r\n" });
    const talk = await lab.open();
    await talk.client.reply();
    talk.client.send("EHLO up\r\n");
    expect(await talk.client.closed()).toBe("220 mx.example.test ESMTP\r\n");
    expect(lab.server.lines).toEqual(["clear STARTTLS"]);
    expect(await lab.stat("cluster.smtp.ssl.connection_error")).toBe(1);
    await another(lab);
  });

  test("that closes after its 220", async () => {
    const lab = await SwitchLab.start({ binary, inHelloPlace: "close" });
    const talk = await lab.open();
    await talk.client.reply();
    talk.client.send("EHLO up\r\n");
    expect(await talk.client.closed()).toBe("220 mx.example.test ESMTP\r\n");
    await lab.quiet();
    await another(lab);
  });

  test("whose certificate does not verify gets nothing that the client said", async () => {
    const stranger = await selfSigned();
    const trusted_ca = { filename: stranger.cert };
    const lab = await SwitchLab.start({
      binary,
      change: {
        cluster: (cluster) => {
          const socket = cluster["transport_socket"] as { typed_config: { tls_socket_config: object } };
          socket.typed_config.tls_socket_config = {
            common_tls_context: { validation_context: { trusted_ca } },
          };
        },
      },
    });
    const talk = await lab.open();
    await talk.client.reply();
    talk.client.send("EHLO up\r\n");
    expect(await talk.client.closed()).toBe("220 mx.example.test ESMTP\r\n");
    await waitFor(() => lab.server.lines.length === 2, "the server to notice");
    expect(lab.server.lines[0]).toBe("clear STARTTLS");
    expect(lab.server.lines[1]).toMatch(/^failed ERR_SSL_.*ALERT_UNKNOWN_CA$/);
    expect(await lab.stat("cluster.smtp.ssl.fail_verify_error")).toBe(1);
  });
});
