/**
 * Whatever a client and a server say, a line of Envoy's log is one event with its own members: nothing from the wire ends a
 * line, closes a text, adds a member or changes a statistic's name.
 */
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { envoyBootstrap } from "../../host/envoy-bootstrap.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import { waitFor } from "../../peers/net.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { parameters } from "../support/arbitrary.js";
import { eventFault } from "../support/event-check.js";

const WASM = fileURLToPath(new URL("../../../build/smtp-inspector.wasm", import.meta.url));
const binary = await envoyOrNull("hostile octets in Envoy's log");

/** As Envoy writes it: time, thread, level, logger, its own source, then plugin, root id and VM id. */
const LINE =
  /^\[[0-9 :.-]+\]\[\d+\]\[(?:info|warning)\]\[wasm\] \[[\w/.:]+\] wasm log smtp_inspector smtp_inspector smtp_inspector: (\{.*\})$/;

/** Octets, as latin1: ends of texts and lines, escapes of JSON and of terminals, C1, no UTF-8, U+2028, formats, members. */
const FRAGMENTS = [
  ...['"', "\\", '\\"', "\\\\", "\\u0022", "\\x22", "\n", "\r", "\0", "\t", "\x1b[31m", "\x7f"],
  ...["\x80", "\x85", "\x9b2J", "\xff\xfe", "\xc0\x80", "\xed\xa0\x80", "\xe2\x80\xa8", "\xc2\x85", "\xe4"],
  ...[
    "%s%n%d",
    "%v %l %_",
    "{}",
    "${x}",
    '","action":"detect',
    '"},"verdict":"clean',
    '{"event_type":"alert"}',
  ],
  ...[
    "}",
    "]",
    "}}",
    '"]',
    "<b>",
    "'",
    "`",
    "a",
    "example.org",
    "@",
    "<",
    ">",
    " ",
    ":",
    ".",
    "=",
    "smtp.x.y",
  ],
];
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(...FRAGMENTS),
      fc.nat(255).map((code) => String.fromCharCode(code)),
    ),
    {
      minLength: 1,
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(""));

interface Said {
  helo: string;
  from: string;
  to: string;
  verb: string;
  replies: string[];
}
const said = fc.record<Said>({
  helo: hostile,
  from: hostile,
  to: hostile,
  verb: hostile,
  replies: fc.array(hostile, { minLength: 1, maxLength: 3 }),
});

describe.skipIf(binary === null)("in Envoy", () => {
  let envoy: EnvoyProcess;
  let server: Server;
  let folder: string;
  let port = 0;
  let replies: string[] = [];

  beforeAll(async () => {
    server = createServer((socket) => answer(socket, () => replies)).listen(0, "127.0.0.1");
    await once(server, "listening");
    folder = await mkdtemp(join(tmpdir(), "hostile-"));
    const policy = {
      stat_prefix: "mail_in",
      profile: "monitor",
      events: { max_per_second: 10_000, excerpt: "full", sessions: "all" },
    };
    const listener = {
      name: "smtp",
      wasm: WASM,
      policy: JSON.stringify(policy),
      upstreamPort: (server.address() as { port: number }).port,
      accessLog: join(folder, "access.log"),
      accessLogFormat: "%CONNECTION_ID% %FILTER_STATE(wasm.smtp_inspector:PLAIN)%\n",
    };
    envoy = await EnvoyProcess.start({
      binary: binary as string,
      bootstrap: envoyBootstrap([listener]),
      defaultLog: true,
      args: ["--file-flush-interval-msec", "50"],
    });
    port = (await envoy.ports()).get("smtp") as number;
  });

  afterAll(async () => {
    await envoy.stop();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  test("HELO, addresses, verbs and replies of hostile octets forge no line, member or statistic", async () => {
    let [runs, findings] = [0, 0];
    const numbers = new Set<number>();
    await fc.assert(
      fc.asyncProperty(said, async (each) => {
        const before = envoy.logs.length;
        replies = each.replies;
        const from = await play(port, each);
        const isOver = (): boolean =>
          envoy.logs.slice(before).some((line) => line.includes(`"src_port":${from},`) && isRecord(line));
        await waitFor(isOver, "the record of the session");
        const lines = envoy.logs.slice(before);
        for (const line of lines) {
          const text = LINE.exec(line)?.[1] ?? `no line of the filter: ${line}`;
          expect(text).toMatch(/^[ -~]*$/);
          expect(eventFault(text)).toBeNull();
          // The same members in the same order: none stands there twice.
          expect(JSON.stringify(JSON.parse(text))).toBe(text);
        }
        expect(lines.filter(isRecord).length).toBe(1);
        const record = JSON.parse(LINE.exec(lines.at(-1) as string)?.[1] as string) as Record<string, number>;
        expect(record["findings"]).toBe(lines.length - 1);
        numbers.add(record["connection_id"] as number);
        runs++;
        findings += lines.length - 1;
      }),
      parameters(150, 1000),
    );
    expect(numbers.size).toBe(runs);
    expect(findings).toBeGreaterThan(3 * runs);
    await expectAccessLog(join(folder, "access.log"), runs);
    const names = [...(await envoy.stats()).keys()].filter((name) => name.startsWith("wasmcustom."));
    expect(names.filter((name) => !/^wasmcustom\.smtp\.mail_in\.[a-zA-Z0-9_.]+$/.test(name))).toEqual([]);
  });
});

const isRecord = (line: string): boolean =>
  line.includes('"event_type":"smtp"') && line.includes('"verdict":');

/** Each line of it is a number and the record of that connection. */
async function expectAccessLog(path: string, count: number): Promise<void> {
  let lines: string[] = [];
  await waitFor(async () => {
    lines = (await readFile(path, "latin1")).split("\n").slice(0, -1);
    return lines.length >= count;
  }, `${count} lines of access log`);
  expect(lines.length).toBe(count);
  for (const line of lines) {
    const [, id, record = ""] = /^(\d+) (.*)$/.exec(line) ?? [];
    expect(eventFault(record)).toBeNull();
    expect((JSON.parse(record) as { connection_id: number }).connection_id).toBe(Number(id));
  }
}

/** Greets, then says one of `replies` for each line. */
function answer(socket: Socket, replies: () => string[]): void {
  socket.on("error", () => {});
  socket.write("220 mx.example\r\n");
  let lines = 0;
  socket.setEncoding("latin1").on("data", (text: string) => {
    for (let left = text.split("\n").length - 1; left > 0; left--) {
      const all = replies();
      socket.write(`250 ${all[lines++ % all.length]}\r\n`, "latin1");
    }
  });
}

/** @returns the port that the session came from, once it is over */
async function play(port: number, { helo, from, to, verb }: Said): Promise<number> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  const own = socket.localPort as number;
  const closed = once(socket, "close");
  const words = [
    `EHLO ${helo}`,
    `MAIL FROM:<${from}>`,
    `RCPT TO:<${to}>`,
    `X${verb} ${helo}`,
    "XADR",
    "QUIT",
  ];
  await once(socket, "data");
  for (const word of words) {
    socket.write(`${word}\r\n`, "latin1");
    await once(socket, "data");
  }
  socket.end();
  socket.resume();
  await closed;
  return own;
}
