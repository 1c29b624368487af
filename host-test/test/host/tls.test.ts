/** TLS that a filter starts, as the Node host tells it to the connection's owner (host-test/host/README.md, "TLS"). */
import { beforeAll, describe, expect, test } from "vitest";
import { type Connection, type ConnectOptions, Plugin, type Side } from "../../host/plugin.js";
import { bytes, readModule, text } from "../support/lab.js";
import { buildProbe } from "../support/probe.js";

let wasm: Uint8Array;
beforeAll(async () => void (wasm = await readModule(await buildProbe())));

const BOTH: readonly Side[] = ["client", "server"];
/** Keeps STARTTLS from the server; its answer to the stand-in becomes the 220, after which TLS starts. */
const TERMINATES = [
  "down STARTTLS = set 2 0 99 NOOP~",
  "up 250 noop = set 3 0 99 220 go~; store smtp_inspector.starttls_downstream 1",
].join("\n");
/** Says STARTTLS to the server when the client says XTLS, and EHLO after its 220 in the same callback. */
const ORIGINATES = [
  "down XTLS = set 2 0 99 STARTTLS~; continue 2; return 1",
  "up 220 go = set 3 0 99; store smtp_inspector.starttls_upstream 1; set 2 0 0 EHLO filter~; continue 2",
].join("\n");

interface Run {
  connection: Connection;
  /** What left, and where TLS began: "client 220 go", "TLS client", … */
  seen: string[];
  /** What the module logged since the connection began. */
  logs(): string[];
}

function run(rules: string, options: ConnectOptions = {}): Run {
  const plugin = Plugin.load(wasm, { configuration: rules });
  const seen: string[] = [];
  const before = plugin.logs.length;
  const connection = plugin.connect({
    startTls: BOTH,
    ...options,
    sink: {
      toClient: (data) => void seen.push(`client ${text(data)}`),
      toServer: (data) => void seen.push(`server ${text(data)}`),
      startTls: (side, unread) => void seen.push(`TLS ${side}${unread.length > 0 ? ` ${text(unread)}` : ""}`),
      endServer: () => void seen.push("end server"),
      endClient: () => void seen.push("end client"),
      close: (reason) => void seen.push(`close ${reason}`),
    },
  });
  return { connection, seen, logs: () => plugin.logs.slice(before).map(({ message }) => message) };
}

describe("TLS in the Node host", () => {
  test("starts with the client after the bytes of the callback that asks for it", () => {
    const { connection, seen } = run(TERMINATES);
    connection.fromClient(bytes("STARTTLS\r\n"));
    connection.fromServer(bytes("250 noop\r\n"));
    connection.secured("client", "TLSv1.3");
    connection.fromClient(bytes("EHLO inside\r\n"));
    expect(seen).toEqual(["server NOOP\r\n", "client 220 go\r\n", "TLS client", "server EHLO inside\r\n"]);
  });

  test("starts with the server before what the filter continues in the same callback", () => {
    const { connection, seen } = run(ORIGINATES);
    connection.fromClient(bytes("XTLS\r\n"));
    connection.fromServer(bytes("220 go\r\n"));
    expect(seen).toEqual(["server STARTTLS\r\n", "TLS server", "server EHLO filter\r\n"]);
  });

  test("starts once on each side, and not on a side that cannot, or has had it from the start", () => {
    const again = `${TERMINATES}\nup 250 again = store smtp_inspector.starttls_downstream 1`;
    const { connection, seen } = run(again);
    connection.fromServer(bytes("250 noop\r\n"));
    connection.fromServer(bytes("250 again\r\n"));
    expect(seen).toEqual(["client 220 go\r\n", "TLS client", "client 250 again\r\n"]);
    for (const options of [{ startTls: ["server"] as const }, { startTls: [] }, { tlsVersion: "TLSv1.3" }]) {
      const other = run(TERMINATES, options);
      other.connection.fromServer(bytes("250 noop\r\n"));
      expect(other.seen).toEqual(["client 220 go\r\n"]);
    }
  });

  test("what the client sent before, and the filter has not read, belongs to the handshake", () => {
    const rules = `${TERMINATES}\ndown = return 1`;
    const { connection, seen, logs } = run(rules, { bufferLimit: 4 });
    connection.fromClient(bytes("HELD!"));
    connection.fromClient(bytes("\x16\x03\x01"));
    connection.fromServer(bytes("250 noop\r\n"));
    expect(seen).toEqual(["client 220 go\r\n", "TLS client \x16\x03\x01"]);
    expect(logs().filter((line) => line.startsWith("down "))).toEqual(["down 2 5 0"]);
  });

  test("which sides can start TLS, and the versions, are properties", () => {
    const ask = "property filter_state/smtp_inspector.starttls_switch";
    const versions = "property connection/tls_version; property upstream/tls_version";
    const asked = (options: ConnectOptions): string[] => run(`new = ${ask}; ${versions}`, options).logs();
    const [opened, none] = [["create 2 1", "new 2"], "property 1"];
    expect(asked({})).toEqual([...opened, "property 0 downstream,upstream", none, none]);
    expect(asked({ startTls: ["server"] })).toEqual([...opened, "property 0 upstream", none, none]);
    expect(asked({ startTls: [], tlsVersion: "TLSv1.2" })).toEqual([
      ...opened,
      none,
      "property 0 TLSv1.2",
      none,
    ]);
    const { connection, logs } = run(`up = ${versions}`);
    connection.fromServer(bytes("1"));
    connection.secured("client", "TLSv1.3");
    connection.secured("server", "TLSv1.2");
    connection.fromServer(bytes("2"));
    expect(logs().slice(2)).toEqual([
      ...["up 2 1 0", none, none],
      ...["up 2 1 0", "property 0 TLSv1.3", "property 0 TLSv1.2"],
    ]);
  });

  test("why TLS with the server failed is a property", () => {
    const { connection, logs } = run("log = property upstream/transport_failure_reason");
    connection.serverReset("certificate has expired");
    expect(logs().slice(-2)).toEqual(["property 0 certificate has expired", "delete 2"]);
  });

  test("an observer is told between the bytes in clear and those inside", () => {
    const seen: string[] = [];
    const { connection } = run(`${TERMINATES}\n${ORIGINATES}`, {
      observer: {
        said: (side, data) => void seen.push(`${side} said ${text(data)}`),
        goesTo: (side, data) => void seen.push(`to ${side} ${text(data)}`),
        startsTls: (side) => void seen.push(`TLS ${side}`),
        logs() {},
        settled: () => void seen.push("settled"),
        closes() {},
      },
    });
    connection.fromServer(bytes("250 noop"));
    connection.fromClient(bytes("XTLS"));
    connection.fromServer(bytes("220 go"));
    expect(seen).toEqual([
      ...["server said 250 noop", "to client 220 go\r\n", "TLS client", "settled"],
      ...["client said XTLS", "to server STARTTLS\r\n", "settled"],
      ...["server said 220 go", "TLS server", "to server EHLO filter\r\n", "settled"],
    ]);
  });
});
