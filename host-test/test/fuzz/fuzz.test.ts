import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { FuzzModule } from "../../fuzz/build.js";
import { buildForFuzzing } from "../../fuzz/build.js";
import { loadCorpus, readSessions } from "../../fuzz/corpus.js";
import type { Run } from "../../fuzz/executor.js";
import { Executor } from "../../fuzz/executor.js";
import { Fuzzer } from "../../fuzz/fuzzer.js";
import { ModelServer } from "../../fuzz/model-server.js";
import { compareRuns, judgeSeen, readEvents } from "../../fuzz/oracles.js";
import { POLICIES } from "../../fuzz/policies.js";
import { ReplyCounter } from "../../fuzz/replies.js";
import { SEEDS } from "../../fuzz/seeds.js";
import type { Session } from "../../fuzz/session.js";
import { read, sizeOf, write } from "../../fuzz/session.js";
import { shrink } from "../../fuzz/shrink.js";
import { latin1, toBytes } from "../../fuzz/text.js";

const ROOT = join(import.meta.dirname, "../../..");
let built: FuzzModule;

beforeAll(async () => {
  built = await buildForFuzzing(ROOT);
});

function run(session: Session): Run {
  const result = new Executor(built).run(session);
  if ("law" in result) throw new Error(result.detail);
  return result;
}

const keys = (faults: readonly { law: string; key: string }[]): string[] =>
  faults.map(({ law, key }) => `${law}: ${key}`);

describe("the fuzzer", () => {
  test("finds no fault in any session of its corpus", () => {
    const fuzzer = new Fuzzer(built, { seed: 1 });
    const sessions = [...SEEDS, ...loadCorpus(join(ROOT, "host-test/fuzz/corpus"))];
    const faults = sessions.flatMap((session) => {
      const found = keys(fuzzer.replay(session));
      return found.length === 0 ? [] : [`${write(session)}${found.join("\n")}`];
    });
    expect(faults).toEqual([]);
    expect(sessions.length).toBeGreaterThan(300);
  });

  test("finds the faults no more that it has found", () => {
    const sessions = readSessions(join(ROOT, "host-test/fuzz/faults.smtp"));
    expect(sessions.length).toBeGreaterThan(3);
    expect(sessions.flatMap((session) => keys(new Fuzzer(built, { seed: 1 }).replay(session)))).toEqual([]);
  });

  test("reaches more from one plain session when coverage guides it", () => {
    const [guided, blind] = [true, false].map((isGuided) => {
      const fuzzer = new Fuzzer(built, { seed: 7, guided: isGuided });
      fuzzer.seed(SEEDS[0] as Session);
      while (fuzzer.executions < 12_000) fuzzer.step();
      return fuzzer.coverage.features;
    }) as [number, number];
    expect(guided).toBeGreaterThan(blind * 1.05);
  });

  test("counts the same places when a session is played again", () => {
    const executor = new Executor(built);
    // A VM's first connection makes room for the next ones.
    executor.run(SEEDS[0] as Session);
    const counters = SEEDS.slice(0, 3).map((session) => {
      const [first, second] = [0, 1].map(() => {
        executor.run(session);
        return executor.counters.filter((count) => count > 0).length;
      });
      return [(first ?? 0) > 200, first === second];
    });
    expect(counters).toEqual([
      [true, true],
      [true, true],
      [true, true],
    ]);
  });

  test("makes a session smaller while something stays true of it", () => {
    const long = read(String.raw`policy strict
server 0
S 220 mx\r\n
C EHLO a\r\n
C MAIL FROM:<a@example.org>\r\nXADR\r\nRSET\r\n
C QUIT\r\n`);
    const small = shrink(
      long,
      (session) => session.ops.some(({ bytes }) => latin1(bytes).includes("XADR")),
      500,
    );
    expect(write(small)).toBe("policy strict\nserver 0\nC XADR\n");
    expect([sizeOf(long), sizeOf(small)]).toEqual([93, 12]);
  });
});

describe("a session's file", () => {
  test("is read as it was written", () => {
    const text = String.raw`policy strict
server 2
S 220 mx\r\n
C {a*600}\0\x7b\x7d\\\xff\x20
c \t x\n
A 354 go\r\n
P \x7b\x7d
R 2
T 6000
U 1
C.
S.
C!
S!
`;
    expect(write(read(text))).toBe(text);
    expect(read(text).ops[1]?.bytes.length).toBe(606);
  });

  test("names the line that is not an event", () => {
    expect(() => read("policy strict\nserver 0\nX boo\n")).toThrow("unknown event: X boo");
  });
});

/** A command that `strict` keeps from the server and `monitor` does not. */
const PRIVATE = String.raw`server 0
S 220 mx\r\n
C EHLO a.example\r\n
C XADR\r\n
C MAIL FROM:<a@example.org>\r\n`;

const STRICT_TLS = POLICIES.findIndex(({ name }) => name === "tls_strict");

describe("an oracle", () => {
  test("sees what a policy that only detects has changed (law 1)", () => {
    const monitor = read(`policy monitor\n${PRIVATE}`);
    expect(keys(judgeSeen(monitor, run(monitor).seen))).toEqual([]);
    // What strict did, checked as if monitor had done it.
    expect(keys(judgeSeen(monitor, run(read(`policy strict\n${PRIVATE}`)).seen))).toEqual([
      "law 1: bytes to the server",
      "law 1: bytes to the client",
    ]);
  });

  test("sees where two runs of the same bytes differ (law 2)", () => {
    const [one, other] = ["monitor", "strict"].map((name) => run(read(`policy ${name}\n${PRIVATE}`)));
    expect(keys(compareRuns("law 2", one as Run, one as Run))).toEqual([]);
    expect(keys(compareRuns("law 2", one as Run, other as Run))).toEqual([
      "law 2: findings private_command private_verb",
      "law 2: bytes to the server",
      "law 2: bytes to the client",
      "law 2: summary",
    ]);
  });

  test("sees what a server could read in two ways (law 5)", () => {
    const bare = String.raw`server 0
S 220 mx\r\n
C EHLO a.example\r\n
C MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n
C a\n.\nb\r\n.\r\n`;
    const strict = read(`policy strict\n${bare}`);
    expect(keys(judgeSeen(strict, run(strict).seen))).toEqual([]);
    expect(keys(judgeSeen(strict, run(read(`policy monitor\n${bare}`)).seen))).toEqual(["law 5: data"]);
  });

  test("sees what comes round TLS, on either side", () => {
    const clear = read(`policy tls_no_switch\n${PRIVATE.replace("server 0", "server 1")}`);
    expect(keys(judgeSeen(clear, run(clear).seen))).toEqual([]);
    // What a policy without "starttls" let pass, checked as if it had to be encrypted.
    const { seen } = run(read(`policy recommended\n${PRIVATE}`));
    expect(keys(judgeSeen({ ...clear, policy: STRICT_TLS }, seen))).toEqual([
      "STARTTLS: said in clear to a server",
      "STARTTLS: passed before TLS with the client",
    ]);
  });

  test("sees what was said in clear and comes out inside TLS", () => {
    const both = read(String.raw`policy tls_mx
server 0
S 220 mx\r\n
C EHLO a.example\r\n
C STARTTLS\r\n
C RSET\r\n
C EHLO a.example\r\n
C MAIL FROM:<a@example.org>\r\n`);
    const { seen } = run(both);
    const { client, server } = seen.tls;
    if (client === null || server === null) throw new Error("TLS has not begun on both sides");
    expect(keys(judgeSeen(both, seen))).toEqual([]);
    // As if TLS with the client had begun after its EHLO, and that with the server after one reply more.
    const said = {
      ...client,
      toServer: seen.pieces.toServer.length - 1,
      saidByClient: "STARTTLS\r\nRSET\r\n",
    };
    const injected = { ...server, toServer: client.toServer, saidByServer: "220 go\r\n250 evil\r\n" };
    const tls = { client: { ...said, saidToClient: "220 x\r\n" }, server: injected, crossed: false };
    expect(keys(judgeSeen(both, { ...seen, tls }))).toEqual([
      "STARTTLS: TLS begins though more was said in clear",
      "STARTTLS: the 220 is not the last in clear",
      "STARTTLS: passed before EHLO inside TLS",
      "STARTTLS: TLS begins though STARTTLS was not the last",
      "STARTTLS: the first inside TLS is no EHLO",
      "STARTTLS: injected by the server",
    ]);
  });

  test("sees an event that is not JSON, or not printable", () => {
    const lines = [{ level: "info" as const, message: '{"protection":"a\u0001"}' }];
    expect(keys(readEvents(lines).faults)).toEqual(["log: control byte", "log: not JSON"]);
  });
});

describe("the model server", () => {
  test("takes a message when its data has ended, and counts what it was asked", () => {
    const server = new ModelServer(0);
    server.receive(
      toBytes("EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<a@b>\r\nDATA\r\nx\r\n.\r\nBDAT 2 LAST\r\nxx"),
    );
    expect([server.asked, server.messages, server.ambiguous]).toEqual([6, 2, []]);
    expect(latin1(server.replies[3] as Uint8Array)).toBe("354 go\r\n");
  });
});

describe("replies are counted", () => {
  const cases: readonly [string, string, number][] = [
    ["one of several lines", "250-a\r\n250 b\r\n", 1],
    ["a line without a code, then one with", "x\r\n250\n", 2],
    ["a line without a code inside one", "250-a\nx\n250 b\n", 1],
    ["none, as its line has not ended", "250 a", 0],
    ["pieces as long as the limit", "x".repeat(45), 2],
  ];
  test.each(cases)("%s", (_, text, count) => {
    expect(new ReplyCounter(20).push(toBytes(text))).toBe(count);
    const counter = new ReplyCounter(20);
    let sum = 0;
    for (const byte of toBytes(text)) sum += counter.push(Uint8Array.of(byte));
    expect(sum).toBe(count);
  });
});
