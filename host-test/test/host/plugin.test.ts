import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { byteByByte, cutAt, everyCut, inPieces, whole } from "../../host/chunking.js";
import { ManualClock } from "../../host/clock.js";
import { encodeText } from "../../host/properties.js";
import type { Connection, Sink } from "../../host/plugin.js";
import { ConfigurationRefused, Plugin, WasmTrap } from "../../host/plugin.js";
import { bytes, text } from "../support/lab.js";
import { buildProbe } from "../support/probe.js";

let module: WebAssembly.Module;
beforeAll(async () => {
  module = new WebAssembly.Module(readFileSync(await buildProbe()));
});

const messages = (plugin: Plugin): string[] => plugin.logs.map((line) => line.message);

describe("what only the Node host has", () => {
  test("a sink gets the bytes at once, may answer at once, and nothing is kept", () => {
    const seen: string[] = [];
    let connection: Connection | null = null;
    const sink: Sink = {
      toServer: (data) => {
        seen.push(`server ${text(data)}`);
        connection?.fromServer(bytes(`re:${text(data)}`));
      },
      toClient: (data) => {
        seen.push(`client ${text(data)}`);
        if (text(data) === "re:A") connection?.fromClient(bytes("B"));
      },
      endServer: () => {
        seen.push("end server");
        connection?.fromServer(new Uint8Array(0), true);
      },
      endClient: () => void seen.push("end client"),
      close: (reason) => void seen.push(`close ${reason}`),
    };
    connection = Plugin.load(module).connect({ sink });
    connection.fromClient(bytes("A"));
    connection.fromClient(new Uint8Array(0), true);
    expect(seen).toEqual([
      "server A",
      "client re:A",
      "server B",
      "client re:B",
      "end server",
      "end client",
      "close ended",
    ]);
    expect(connection.toServer.length).toBe(0);
    expect(connection.closed).toBe("ended");
  });

  test("data and the end in one read", () => {
    const plugin = Plugin.load(module);
    const connection = plugin.connect();
    connection.fromClient(bytes("AB"), true);
    connection.fromServer(bytes("CD"), true);
    expect(text(connection.toServer)).toBe("AB");
    expect(text(connection.toClient)).toBe("CD");
    expect(messages(plugin).slice(-9)).toEqual(
      ["create 2 1", "new 2", "down 2 2 1", "up 2 2 1", "upclose 2 0"].concat([
        "downclose 2 1",
        "done 2",
        "log 2",
        "delete 2",
      ]),
    );
  });

  test("nothing happens on a closed connection", () => {
    const plugin = Plugin.load(module);
    const connection = plugin.connect();
    connection.clientReset();
    const before = plugin.logs.length;
    connection.fromClient(bytes("A"));
    connection.fromServer(bytes("B"), true);
    connection.serverReset();
    connection.clientReset();
    expect(plugin.logs.length).toBe(before);
    expect(connection.closed).toBe("client_reset");
  });

  test("a trap is thrown from the call that met it, and recorded", () => {
    const plugin = Plugin.load(module, { configuration: "down = trap", workers: 2 });
    const [first, other] = [plugin.connect({ worker: 0 }), plugin.connect({ worker: 1 })];
    expect(plugin.trapped).toBeNull();
    expect(() => first.fromClient(bytes("A"))).toThrow(WasmTrap);
    expect(plugin.trapped?.message).toBe("proxy_on_downstream_data failed: unreachable");
    expect(first.closed).toBe("wasm_trap");
    expect(plugin.connect({ worker: 0 }).closed).toBe("wasm_trap");
    expect(other.closed).toBeNull();
    other.fromServer(bytes("B"));
    expect(text(other.toClient)).toBe("B");
  });

  test("a trap in a tick is thrown from the tick", () => {
    const plugin = Plugin.load(module, { configuration: "configure = tickms 5\nnew = arm\ntick = trap" });
    const connection = plugin.connect();
    expect(() => plugin.tick()).toThrow(WasmTrap);
    expect(connection.closed).toBeNull();
    connection.fromClient(bytes("A"));
    expect(connection.closed).toBe("wasm_trap");
    expect(text(connection.toServer)).toBe("");
  });

  test("a refusal carries the last warning or error and the trial's lines", () => {
    const load = (): Plugin =>
      Plugin.load(module, { configuration: "configure = shout 4 no; say x; return 0" });
    expect(load).toThrow(ConfigurationRefused);
    expect(load).toThrow(/^no$/);
    try {
      load();
    } catch (error) {
      const { logs } = error as ConfigurationRefused;
      expect(logs.filter((line) => line.level === "error")).toEqual([
        { level: "error", message: "no", worker: "canary" },
      ]);
    }
  });

  test("a module that Envoy would not load is not loaded here", () => {
    // (import "env" "abort" (func)) and nothing else
    const importing = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 13, 1, 3, 101, 110, 118, 5];
    const abort = Uint8Array.from([...importing, 97, 98, 111, 114, 116, 0, 0]);
    expect(() => Plugin.load(abort)).toThrow("Failed to load Wasm module due to a missing import: env.abort");
    const empty = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0]);
    expect(() => Plugin.load(empty)).toThrow("Missing or unknown Proxy-Wasm ABI version");
  });

  test("properties can be given, and the filter state read", () => {
    const plugin = Plugin.load(module, { configuration: "new = property source/address; store verdict bad" });
    const properties = { "source\0address": encodeText("[2001:db8::1]:7") };
    const connection = plugin.connect({ properties });
    expect(messages(plugin)).toContain("property 0 [2001:db8::1]:7");
    expect(text(connection.filterState.get("wasm.verdict") ?? bytes("none"))).toBe("bad");
  });

  test("an observer gets everything in order, with or without a sink", () => {
    const seen: string[] = [];
    const plugin = Plugin.load(module, {
      observe: ({ sourceAddress }) => {
        seen.push(`connects ${sourceAddress}`);
        return {
          said: (side, data) => void seen.push(`${side} said ${text(data)}`),
          startsTls: (side) => void seen.push(`TLS ${side}`),
          goesTo: (side, data) => void seen.push(`to ${side} ${text(data)}`),
          logs: (message) => void seen.push(`log ${message}`),
          settled: () => void seen.push("settled"),
          closes: (reason) => void seen.push(`closes ${reason}`),
        };
      },
    });
    const connection = plugin.connect({ sourceAddress: "192.0.2.10:40000" });
    connection.fromClient(bytes("A"));
    connection.fromServer(bytes("B"));
    connection.clientReset();
    connection.fromServer(bytes("C"));
    expect(seen).toEqual([
      "connects 192.0.2.10:40000",
      "log create 2 1",
      "log new 2",
      "client said A",
      "log down 2 1 0",
      "to server A",
      "settled",
      "server said B",
      "log up 2 1 0",
      "to client B",
      "settled",
      "log downclose 2 2",
      "log done 2",
      "log log 2",
      "log delete 2",
      "closes client_reset",
    ]);
    expect(text(connection.toServer)).toBe("A");
  });

  test("the clock is the one that was given", () => {
    const clock = new ManualClock(1_700_000_000_000);
    const plugin = Plugin.load(module, { clock, configuration: "new = number request/time" });
    clock.advance(1);
    plugin.connect();
    // 1,700,000,000,001 ms = 0x17979cfe36 2a0000 + 1,000,000 ns, little endian
    const nanoseconds = Buffer.alloc(8);
    nanoseconds.writeBigUInt64LE(1_700_000_000_001_000_000n);
    expect(messages(plugin)).toContain(`property 0 ${nanoseconds.toString("hex")}`);
  });

  test("memory is a worker's", () => {
    const plugin = Plugin.load(module);
    expect(plugin.memoryBytes(0) % 65_536).toBe(0);
    expect(plugin.memoryBytes(0)).toBeGreaterThan(0);
    expect(plugin.memoryBytes(7)).toBe(0);
  });
});

describe("chunking", () => {
  const show = (chunks: Iterable<Uint8Array>): string[] => [...chunks].map(text);

  test("each helper gives all bytes in order and no empty piece", () => {
    expect(show(whole(bytes("ABC")))).toEqual(["ABC"]);
    expect(show(whole(bytes("")))).toEqual([]);
    expect(show(cutAt(bytes("ABC"), 1))).toEqual(["A", "BC"]);
    expect(show(cutAt(bytes("ABC"), 0))).toEqual(["ABC"]);
    expect(show(cutAt(bytes("ABC"), 3))).toEqual(["ABC"]);
    expect(show(inPieces(bytes("ABCDE"), 2))).toEqual(["AB", "CD", "E"]);
    expect(show(byteByByte(bytes("ABC")))).toEqual(["A", "B", "C"]);
    expect([...everyCut(bytes("ABC"))].map(show)).toEqual([
      ["A", "BC"],
      ["AB", "C"],
    ]);
  });
});
