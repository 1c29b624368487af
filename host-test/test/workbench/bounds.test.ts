/** However large or hostile a capture is, what is held at a time is bounded: counted here, not measured. */
import { describe, expect, test } from "vitest";
import { filterModule } from "../../cli/front.js";
import { Flag } from "../../workbench/ip.js";
import type { Judge } from "../../workbench/judge.js";
import type { Follower } from "../../workbench/follower.js";
import type { SessionReport } from "../../workbench/model.js";
import { loadJudge, newCounts, replayCapture, type ReplayOptions } from "../../workbench/sessions.js";
import { segmentsOf } from "../../workbench/capture.js";
import { type FlowEvent, Flows } from "../../workbench/tcp.js";
import { sessionText } from "../../workbench/view.js";
import { captureOf, pcapRecord, Talk } from "../support/packets.js";

const module = filterModule();
const judge = loadJudge(module, '{"profile":"monitor"}');

/** Follows as the judge does, and keeps account of what all open sessions hold. */
function counting(judge: Judge): { follower: Follower<SessionReport>; most: () => number } {
  const held = new Map<number, number>();
  let most = 0;
  const follower: Follower<SessionReport> = {
    judges: [judge],
    open(start) {
      const player = judge.open(start);
      const weigh = (): void => {
        held.set(start.id, player.held);
        most = Math.max(
          most,
          [...held.values()].reduce((sum, each) => sum + each, 0),
        );
      };
      return {
        get held() {
          return player.held;
        },
        say(...said) {
          player.say(...said);
          weigh();
        },
        end: (...ended) => player.end(...ended),
        startTls: (side) => player.startTls(side),
        stopJudging: (why) => player.stopJudging(why),
        finish(timeNs) {
          held.delete(start.id);
          return player.finish(timeNs);
        },
      };
    },
  };
  return { follower, most: () => most };
}

async function replayed(
  records: Iterable<Buffer>,
  follower: Follower<SessionReport> = judge,
  options: ReplayOptions = {},
): Promise<SessionReport[]> {
  const reports: SessionReport[] = [];
  for await (const report of replayCapture(captureOf(records), follower, newCounts(), options)) {
    reports.push(report);
  }
  return reports;
}

test("half-open connections with data out of order: neither they nor their bytes pile up", async () => {
  const limits = { pendingBytes: 100_000, flows: 200 };
  let [mostOpen, mostPending, closed] = [0, 0, 0];
  const flows = new Flows({ onEvent() {}, onDoubt() {}, onClose: () => void closed++ }, limits);
  function* records(): Generator<Buffer> {
    for (let client = 1; client <= 2000; client++) {
      yield pcapRecord({ client, from: "client", seq: 1, flags: Flag.syn }, 1000);
      for (let i = 0; i < 5; i++) {
        yield pcapRecord({ client, from: "client", seq: 100 + 20 * i, text: "0123456789" }, 1000);
      }
    }
  }
  for await (const segment of segmentsOf(captureOf(records()), newCounts())) {
    flows.add(segment);
    mostOpen = Math.max(mostOpen, flows.count - closed);
    mostPending = Math.max(mostPending, flows.pendingBytes);
  }
  expect(flows.count).toBe(2000);
  expect(mostOpen).toBe(200);
  expect(mostPending).toBeLessThanOrEqual(100_000);
  // Five pieces of a connection take 2610 bytes, so that some have to be given up.
  expect(mostPending).toBeGreaterThan(95_000);
  while (flows.endNext());
  expect([closed, flows.pendingBytes]).toEqual([2000, 0]);
});

test("what waits for its turn does not keep the chunk of the file that it lies in", async () => {
  const waited: number[] = [];
  const onEvent = ({ bytes }: FlowEvent): void => void waited.push(bytes.buffer.byteLength);
  const flows = new Flows({ onEvent, onDoubt() {}, onClose() {} });
  const [first, second, third] = [1, 2, 3].map((seq) => pcapRecord({ from: "client", seq, text: "a" }, 1000));
  // As Node reads files: in Buffers.
  const chunk = Buffer.concat([first, third, Buffer.alloc(0)] as Buffer[], 100_000);
  const records = chunk.subarray(0, (first as Buffer).length * 2);
  for await (const segment of segmentsOf(captureOf([records, second as Buffer]), newCounts())) {
    flows.add(segment);
  }
  expect(waited).toEqual([100_000, second?.buffer.byteLength, 1]);
});

test("open sessions: above the limit the one that was quiet longest is given up, and says so", async () => {
  const { follower, most } = counting(judge);
  const talks = Array.from({ length: 300 }, (_, i) => new Talk(i + 1));
  function* records(): Generator<Buffer> {
    const [first] = talks as [Talk];
    for (const talk of talks) {
      yield talk.open();
      yield talk.say("server", "220 mx.example ESMTP\r\n");
      yield talk.say("client", "NOOP\r\n".repeat(50));
      // The first is never quiet for long.
      if (talk !== first) yield first.say("client", "RSET\r\n");
    }
    for (const talk of talks) yield talk.close();
  }
  const reports = await replayed(records(), follower, { mostHeld: 2_000_000 });
  const givenUp = reports.filter(
    ({ incomplete }) => incomplete === "too many sessions are open at the same time",
  );
  const whole = reports.filter(({ incomplete }) => incomplete === null);
  expect(most()).toBeLessThan(2_100_000);
  expect(whole[0]?.id).toBe(0);
  // They end in the order in which they began; what came of them later was a new connection with nothing in it.
  expect(givenUp.map(({ id }) => id)).toEqual(Array.from({ length: givenUp.length }, (_, i) => i + 1));
  expect(whole.slice(1).map(({ id }) => id)).toEqual(
    Array.from({ length: 299 - givenUp.length }, (_, i) => givenUp.length + 1 + i),
  );
  expect(whole.length).toBeGreaterThan(10);
  expect(sessionText(givenUp[0] as SessionReport)).toMatch(
    /\n== detected; 1 finding; incomplete: too many sessions are open at the same time; left open\n$/,
  );
});

describe("one session", () => {
  test("turns and findings are kept up to a number, and all are counted", async () => {
    const talk = new Talk(1);
    function* records(): Generator<Buffer> {
      yield talk.open();
      yield talk.say("server", "220 mx.example ESMTP\r\n");
      for (let i = 0; i < 15_000; i++) {
        // The filter tells at most 10,000 findings a second.
        talk.ms += 1;
        yield talk.say("client", "XADR\r\nXSTA\r\n");
        yield talk.say("server", "502 what\r\n502 what\r\n");
      }
      yield talk.say("client", "GET / HTTP/1.1\r\n");
      yield talk.close();
    }
    const { follower, most } = counting(judge);
    const [report] = await replayed(records(), follower);
    expect(report?.turns.length).toBe(20_000);
    expect(report?.turnsLeftOut).toBe(1 + 60_000 + 1 - 20_000);
    expect(report?.findings.length).toBe(20_000);
    expect(report?.findingsLeftOut).toBe(10_003);
    expect(report?.verdict).toBe("detected");
    expect(most()).toBeLessThan(64 * 1024 * 1024);
    const lines = sessionText(report as SessionReport)
      .trimEnd()
      .split("\n")
      .slice(-3);
    expect(lines).toEqual([
      "# … 40002 more lines are not shown",
      "# … 10003 more findings are not shown",
      "== detected; 30003 findings; client closed the connection",
    ]);
  });

  test("the strongest finding counts, shown or not", async () => {
    const strict = loadJudge(module, '{"profile":"monitor","protections":{"non_smtp_command":"prevent"}}');
    const talk = new Talk(1);
    function* records(): Generator<Buffer> {
      yield talk.open();
      yield talk.say("server", "220 mx.example ESMTP\r\n");
      for (let i = 0; i < 10_500; i++) {
        talk.ms += 1;
        yield talk.say("client", "XADR\r\nXSTA\r\n");
        yield talk.say("server", "502 what\r\n502 what\r\n");
      }
      yield talk.say("client", "GET / HTTP/1.1\r\n");
    }
    const [report] = await replayed(records(), strict);
    expect(report?.findings.every(({ action }) => action === "detect")).toBe(true);
    expect(report?.verdict).toBe("terminated");
  });

  test("a client that sends megabytes without waiting is no longer inspected, and its bytes do not pile up", async () => {
    const { follower, most } = counting(loadJudge(module, '{"profile":"strict"}'));
    const talk = new Talk(1);
    function* records(): Generator<Buffer> {
      yield talk.open();
      yield talk.say("server", "220 mx.example ESMTP\r\n");
      yield talk.say("client", "EHLO a.example\r\n");
      yield talk.say("server", "250-mx.example\r\n250 PIPELINING\r\n");
      yield talk.say("client", "MAIL FROM:<a@x.org>\r\nRCPT TO:<b@x.org>\r\nDATA\r\n");
      for (let i = 0; i < 20_000; i++) yield talk.say("client", `${"x".repeat(1022)}\r\n`);
    }
    const [report] = await replayed(records(), follower);
    expect(report?.incomplete).toBe("the client sends more without waiting than a server would read");
    expect(most()).toBeLessThan(48 * 1024 * 1024);
  });
});

test("lines that wait for a reply are bounded in number, too", async () => {
  const { follower, most } = counting(loadJudge(module, '{"profile":"strict"}'));
  const talk = new Talk(1);
  function* records(): Generator<Buffer> {
    yield talk.open();
    yield talk.say("server", "220 mx.example ESMTP\r\n");
    yield talk.say("client", "EHLO a.example\r\n");
    yield talk.say("server", "250-mx.example\r\n250 PIPELINING\r\n");
    yield talk.say("client", "MAIL FROM:<a@x.org>\r\nRCPT TO:<b@x.org>\r\nDATA\r\n");
    for (let i = 0; i < 190; i++) yield talk.say("client", "\n".repeat(100));
  }
  await replayed(records(), follower);
  // 19,000 turns, 4096 commands without a reply and as many lines that wait.
  expect(most()).toBeGreaterThan(19_000 * 512 + 2 * 4000 * 256);
  expect(most()).toBeLessThan(19_000 * 512 + 2 * 4200 * 256 + 200_000);
});

test("64 MB of mail stream through: no more is held than a few sessions take", async () => {
  const { follower, most } = counting(judge);
  let made = 0;
  function* records(): Generator<Buffer> {
    const sizes = [25 * 1024 * 1024, ...new Array<number>(800).fill(3000)];
    for (let client = 1; made < 64_000_000; client++) {
      for (const record of new Talk(client).mail(sizes[(client - 1) % sizes.length] as number)) {
        made += record.length;
        yield record;
      }
    }
  }
  let [sessions, mostUsed] = [0, 0];
  const before = process.memoryUsage();
  for await (const report of replayCapture(captureOf(records()), follower, newCounts())) {
    sessions++;
    expect(report).toMatchObject({ verdict: "clean", incomplete: null });
    if (sessions % 100 === 0) {
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      mostUsed = Math.max(mostUsed, heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers);
    }
  }
  expect(made).toBeGreaterThan(64_000_000);
  expect(sessions).toBeGreaterThan(1000);
  expect(most()).toBeLessThan(200_000);
  // Garbage that waits for its collector is in this, too.
  expect(mostUsed).toBeLessThan(200_000_000);
});
