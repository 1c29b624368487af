/** Limits on waiting (`limits.*_timeout_ms`, RFC 5321 4.5.3.2): who is waited for, what the client gets, what resets them. */
import { describe, expect, test } from "vitest";
import { ManualClock } from "../../host/clock.js";
import { Plugin } from "../../host/plugin.js";
import { wasmModule } from "../support/vector-node.js";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (data: Uint8Array): string => Buffer.from(data).toString("latin1");

/** RFC 5321 4.5.3.2's own figures. */
const RFC = {
  greeting_timeout_ms: 300_000,
  command_timeout_ms: 300_000,
  reply_timeout_ms: 300_000,
  data_reply_timeout_ms: 120_000,
  data_block_timeout_ms: 180_000,
  end_of_data_timeout_ms: 600_000,
};
const ENDED = "421 4.4.2 timeout: connection closed by policy\r\n";

/** A session, and the time that passes in it. */
class Played {
  readonly #clock = new ManualClock();
  readonly plugin: Plugin;
  readonly connection: ReturnType<Plugin["connect"]>;

  constructor(limits: object = RFC, more: object = {}, sourceAddress = "192.0.2.1:4000") {
    const configuration = JSON.stringify({ stat_prefix: "in", profile: "recommended", limits, ...more });
    this.plugin = Plugin.load(wasmModule(), { configuration, clock: this.#clock });
    this.plugin.tick();
    this.connection = this.plugin.connect({ sourceAddress });
  }

  say(...speeches: string[]): this {
    for (const speech of speeches) {
      if (speech.startsWith("C: ")) this.connection.fromClient(bytes(speech.slice(3)));
      else this.connection.fromServer(bytes(speech.slice(3)));
    }
    return this;
  }

  /** Lets `seconds` pass, with Envoy's two ticks in each. */
  wait(seconds: number): this {
    for (let i = 0; i < seconds * 2; i++) {
      this.#clock.advance(500);
      this.plugin.tick();
    }
    return this;
  }

  /** One tick after the host's clock went on by `ms`. */
  step(ms: number): this {
    this.#clock.advance(ms);
    this.plugin.tick();
    return this;
  }

  get isOpen(): boolean {
    return this.connection.closed === null;
  }

  get counts(): unknown {
    return [this.plugin.metric("smtp.in.client_timeouts"), this.plugin.metric("smtp.in.server_timeouts")];
  }

  get verdict(): unknown {
    this.connection.clientReset();
    return JSON.parse(text(this.connection.filterState.get("wasm.smtp_inspector") ?? new Uint8Array()))
      .verdict;
  }
}

const HELLO = ["S: 220 mx\r\n", "C: EHLO c.example\r\n", "S: 250 mx\r\n"];
const MAIL = [
  ...HELLO,
  "C: MAIL FROM:<a@x.org>\r\n",
  "S: 250 ok\r\n",
  "C: RCPT TO:<b@x.org>\r\n",
  "S: 250 ok\r\n",
];
const DATA = [...MAIL, "C: DATA\r\n", "S: 354 go\r\n"];

describe("the client is waited for", () => {
  test("between commands: it gets 421 in the place of the server's answer to our QUIT", () => {
    const played = new Played().say(...HELLO).wait(299);
    expect(text(played.connection.toServer)).toBe("EHLO c.example\r\n");
    played.wait(2);
    expect(text(played.connection.toServer)).toBe("EHLO c.example\r\nQUIT\r\n");
    played.say("S: 221 bye\r\n");
    expect(text(played.connection.toClient)).toBe(`220 mx\r\n250 mx\r\n${ENDED}`);
    expect(played.counts).toEqual([1, 0]);
    expect(played.verdict).toBe("terminated");
  });

  test("a server that does not answer the QUIT is not waited for longer than the close deadline", () => {
    const played = new Played().say(...HELLO).wait(301);
    expect(played.isOpen).toBe(true);
    expect(played.wait(6).isOpen).toBe(false);
  });

  test("a command begins the time anew, part of one does not", () => {
    const played = new Played().say(...HELLO).wait(299);
    played.say("C: NOOP x\r\n", "S: 250 ok\r\n").wait(299);
    expect(played.counts).toEqual([0, 0]);
    for (let i = 0; i < 3; i++) played.say("C: N").wait(1);
    expect(played.counts).toEqual([1, 0]);
    expect(text(played.connection.toServer)).toBe("EHLO c.example\r\nNOOP x\r\nQUIT\r\n");
  });

  test("who never spoke is closed without a word: no buffer of the client can be written to", () => {
    const played = new Played().say("S: 220 mx\r\n").wait(301);
    expect([played.isOpen, text(played.connection.toClient)]).toEqual([false, "220 mx\r\n"]);
    expect(played.counts).toEqual([1, 0]);
  });

  test("in an AUTH exchange it is closed without a word: a QUIT would be a response", () => {
    const played = new Played().say(...HELLO, "C: AUTH LOGIN\r\n", "S: 334 VXNlcg==\r\n").wait(301);
    expect(played.isOpen).toBe(false);
    expect(text(played.connection.toServer)).toBe("EHLO c.example\r\nAUTH LOGIN\r\n");
  });

  test("in data it is closed without a word, so that the server drops the message", () => {
    const played = new Played().say(...DATA, "C: Subject: x\r\n").wait(179);
    played.say("C: more\r\n").wait(179);
    expect(played.isOpen).toBe(true);
    played.wait(2);
    expect([played.isOpen, played.counts]).toEqual([false, [1, 0]]);
    expect(text(played.connection.toServer)).toMatch(/DATA\r\nSubject: x\r\nmore\r\n$/);
  });

  test("so it is in the octets of BDAT", () => {
    const offers = ["S: 220 mx\r\n", "C: EHLO c.example\r\n", "S: 250-mx\r\n250 CHUNKING\r\n"];
    const played = new Played().say(...offers, ...MAIL.slice(3), "C: BDAT 100 LAST\r\nabc").wait(179);
    played.say("C: def").wait(179);
    expect(played.isOpen).toBe(true);
    expect(played.wait(2).isOpen).toBe(false);
  });
});

describe("the server is waited for", () => {
  test.each<[string, string[], number]>([
    ["to greet", [], 300],
    ["to reply to a command", [...HELLO, "C: MAIL FROM:<a@x.org>\r\n"], 300],
    ["to reply to DATA", [...MAIL, "C: DATA\r\n"], 120],
    ["to reply to the end of data", [...DATA, "C: x\r\n.\r\n"], 600],
  ])("%s, and closed after the close deadline", (_what, speeches, seconds) => {
    const played = new Played().say(...speeches).wait(seconds - 1);
    expect(played.counts).toEqual([0, 0]);
    played.wait(2);
    expect([played.isOpen, played.counts]).toEqual([true, [0, 1]]);
    expect(played.wait(6).isOpen).toBe(false);
    expect(text(played.connection.toClient)).not.toContain("421");
  });

  test("its late reply is the client's, with 421 after it", () => {
    const played = new Played()
      .say(...DATA, "C: x\r\n.\r\n")
      .wait(601)
      .say("S: 250 queued\r\n");
    expect(text(played.connection.toClient)).toMatch(/354 go\r\n250 queued\r\n421 4\.4\.2 timeout/);
  });

  test("each reply of a group begins the time anew", () => {
    const group = "C: MAIL FROM:<a@x.org>\r\nRCPT TO:<b@x.org>\r\n";
    const played = new Played().say(
      "S: 220 mx\r\n",
      "C: EHLO c.example\r\n",
      "S: 250-mx\r\n250 PIPELINING\r\n",
    );
    played.say(group).wait(299).say("S: 250 ok\r\n").wait(299);
    expect(played.counts).toEqual([0, 0]);
    expect(played.wait(2).counts).toEqual([0, 1]);
  });
});

describe("nobody is ended", () => {
  test("by default", () => {
    const played = new Played({}).say(...HELLO).wait(4000);
    expect([played.isOpen, played.counts]).toEqual([true, [0, 0]]);
  });

  test("in TLS, whose pace nobody can see", () => {
    const played = new Played().say(...HELLO, "C: STARTTLS\r\n", "S: 220 go\r\n").wait(700);
    expect([played.isOpen, played.counts]).toEqual([true, [0, 0]]);
  });

  test("whom the policy exempts from everything", () => {
    const played = new Played(RFC, { exempt_sources: ["192.0.2.0/24"] }).say(...HELLO).wait(700);
    expect([played.isOpen, played.counts]).toEqual([true, [0, 0]]);
  });

  test("by a step of the host's clock: it counts a second", () => {
    const played = new Played()
      .say(...HELLO)
      .wait(200)
      .step(3_600_000);
    expect(played.counts).toEqual([0, 0]);
    expect(played.wait(97).counts).toEqual([0, 0]);
    expect(played.wait(4).counts).toEqual([1, 0]);
  });
});

test("where nothing prevents, the connection is closed and no byte changed", () => {
  const played = new Played(RFC, { profile: "monitor" }).say(...HELLO).wait(301);
  expect([played.isOpen, played.counts]).toEqual([false, [1, 0]]);
  expect(text(played.connection.toServer)).toBe("EHLO c.example\r\n");
  expect(text(played.connection.toClient)).toBe("220 mx\r\n250 mx\r\n");
});

test("one that is ended does not wait for others, nor they for it", () => {
  const played = new Played();
  const others = Array.from({ length: 5 }, () => played.plugin.connect());
  for (const other of others) other.fromServer(bytes("220 mx\r\n"));
  played.say(...HELLO).wait(200);
  others[1]?.clientReset();
  others[3]?.fromClient(bytes("EHLO c.example\r\n"));
  others[3]?.fromServer(bytes("250 mx\r\n"));
  played.wait(101);
  expect(played.counts).toEqual([4, 0]);
  expect(others.map((other) => other.closed !== null)).toEqual([true, true, true, false, true]);
});
