/** source_abuse: what takes more than one connection. Workers are VMs of their own that share the host's data. */
import { describe, expect, test } from "vitest";
import { type Deeds, GREETING, harvest, REFUSAL, SourceLab, text } from "../support/sources.js";

const IPV4 = "192.0.2.7:40000";
const wrongPasswords = (times: number): Deeds =>
  Array.from({ length: times }, () => ["AUTH PLAIN AGEAYg==", "535 5.7.8 no"] as const);
const mail: Deeds = [
  ["MAIL FROM:<a@x.example>", "250 ok"],
  ["RCPT TO:<b@mx.example>", "250 ok"],
  ["DATA", "354 go"],
  ["text\r\n.", "250 queued"],
];

describe("a harvester", () => {
  test("is refused by the other worker, and forgiven after the duration", () => {
    const lab = new SourceLab({ refused_recipients: 20, duration: 600 }, { workers: 2 });
    expect(lab.visit(IPV4, harvest(9), 0)).toBe(GREETING);
    expect(lab.visit("192.0.2.7:40001", harvest(9), 1)).toBe(GREETING);
    expect(lab.visit("192.0.2.7:40002", harvest(2), 0)).toBe(GREETING);
    expect([lab.visit(IPV4, [], 0), lab.visit(IPV4, [], 1)]).toEqual([REFUSAL, REFUSAL]);
    expect(lab.visit("192.0.2.8:40000", [], 1)).toBe(GREETING);
    lab.clock.advance(599_000);
    expect(lab.visit(IPV4, [], 1)).toBe(REFUSAL);
    lab.clock.advance(1000);
    // Forgiven altogether: what it did before counts no more.
    expect(lab.visit(IPV4, harvest(19), 1)).toBe(GREETING);
    expect(lab.visit(IPV4, harvest(1), 0)).toBe(GREETING);
    expect(lab.visit(IPV4, [], 0)).toBe(REFUSAL);
    expect(lab.events).toEqual(Array(4).fill("source_abuse refused_recipients prevent terminate"));
    expect(
      ["recorded", "blocked", "forgotten", "contended"].map((each) => lab.count(`sources_${each}`)),
    ).toEqual([1, 2, 0, 0]);
  });

  test("is seen before its sessions end, and they go on", () => {
    const lab = new SourceLab({ refused_recipients: 64 }, { workers: 2 });
    const open = Array.from({ length: 20 }, (_, i) => lab.open(`192.0.2.7:${5000 + i}`, i % 2));
    for (const connection of open.slice(0, 15)) lab.act(connection, harvest(4));
    // A sixteenth of the limit each, and three that are not recorded yet.
    for (const connection of open.slice(15)) lab.act(connection, harvest(3));
    expect(text(lab.open(IPV4, 1))).toBe(GREETING);
    lab.act(open[16] as never, harvest(1));
    expect(text(lab.open(IPV4, 1))).toBe(REFUSAL);
    lab.act(open[0] as never, [["NOOP x", "250 still here"]]);
    expect(text(open[0] as never)).toContain("250 still here");
  });

  test("what a session has not recorded is recorded at its end", () => {
    const lab = new SourceLab({ refused_recipients: 64 });
    for (let i = 0; i < 21; i++) expect(lab.visit(IPV4, harvest(3))).toBe(GREETING);
    expect(lab.visit(IPV4, harvest(1))).toBe(GREETING);
    expect(lab.visit(IPV4)).toBe(REFUSAL);
  });

  test("that is slower than the window is not found", () => {
    const lab = new SourceLab({ refused_recipients: 10, window: 60 });
    for (let i = 0; i < 10; i++) {
      expect(lab.visit(IPV4, harvest(9))).toBe(GREETING);
      lab.clock.advance(60_000);
    }
    expect(lab.count("sources_blocked")).toBe(0);
  });

  test("is only reported in detect, each time that it comes", () => {
    const lab = new SourceLab({ mode: "detect", refused_recipients: 5 });
    lab.visit(IPV4, harvest(5));
    expect(lab.visit(IPV4, harvest(5))).toBe(GREETING);
    expect(lab.visit(IPV4)).toBe(GREETING);
    expect(lab.events).toEqual(Array(2).fill("source_abuse refused_recipients detect detect"));
  });

  test("is neither counted nor refused where it is exempt", () => {
    const lab = new SourceLab({ refused_recipients: 5, exempt_sources: ["192.0.2.0/24"] });
    for (let i = 0; i < 3; i++) expect(lab.visit(IPV4, harvest(9))).toBe(GREETING);
    expect(lab.count("sources_recorded")).toBe(0);
  });

  test.each(["trusted_sources", "exempt_sources"])(
    "is neither counted nor refused where %s names it",
    (key) => {
      const lab = new SourceLab({ refused_recipients: 5 }, { root: { [key]: ["192.0.2.7"] } });
      for (let i = 0; i < 3; i++) expect(lab.visit(IPV4, harvest(9))).toBe(GREETING);
      expect([lab.count("sources_recorded"), lab.events]).toEqual([0, []]);
    },
  );

  test("goes on where the host's clock is set back", () => {
    const lab = new SourceLab({ refused_recipients: 5, duration: 60 });
    lab.clock.advance(86_400_000);
    lab.visit(IPV4, harvest(5));
    expect(lab.visit(IPV4)).toBe(REFUSAL);
    lab.clock.advance(-3_600_000);
    expect(lab.visit(IPV4)).toBe(GREETING);
  });
});

describe("what is counted", () => {
  const scan: Deeds = Array.from({ length: 3 }, () => ["EXPN staff", "502 5.5.1 no"] as const);
  const private3: Deeds = Array.from({ length: 3 }, () => ["XADR", "500 what"] as const);

  test.each<[string, object, Deeds, object]>([
    ["refused_recipients", { refused_recipients: 3 }, harvest(3), {}],
    ["auth_failures", { auth_failures: 3 }, wrongPasswords(3), {}],
    ["errors", { errors: 3 }, scan, {}],
    ["findings", { findings: 3 }, private3, { private_command: "prevent" }],
    ["messages", { messages: 1 }, mail, {}],
  ])("%s", (reason, options, deeds, more) => {
    const lab = new SourceLab(options, { more });
    expect([lab.visit(IPV4, deeds), lab.visit(IPV4)]).toEqual([GREETING, REFUSAL]);
    expect(lab.events).toEqual([`source_abuse ${reason} prevent terminate`]);
  });

  test("not what is only detected, greylisting, the server's own 421, or a refused recipient as an error", () => {
    const harmless: Deeds = [
      ["XADR", "250 fine"],
      ["RCPT TO:<a@mx.example>", "450 4.2.0 greylisted"],
      ["RCPT TO:<b@mx.example>", "550 5.1.1 unknown"],
      ["NOOP x", "421 4.4.2 bye"],
    ];
    const lab = new SourceLab({ errors: 1, findings: 1, auth_failures: 1, refused_recipients: 2 });
    expect([lab.visit(IPV4, harmless), lab.visit(IPV4)]).toEqual([GREETING, GREETING]);
  });

  test("the connection that is one too many is refused itself", () => {
    const lab = new SourceLab({ connections: 3 }, { workers: 2 });
    const seen = [0, 1, 0, 1].map((worker) => lab.visit(IPV4, [], worker));
    expect(seen).toEqual([GREETING, GREETING, REFUSAL, REFUSAL]);
  });
});

describe("a source", () => {
  test.each([
    ["is one IPv4 address", {}, "192.0.2.8:1", GREETING],
    ["is as many as ipv4_prefix says", { ipv4_prefix: 24 }, "192.0.2.200:1", REFUSAL],
    ["ends where the prefix ends", { ipv4_prefix: 24 }, "192.0.3.7:1", GREETING],
    ["is the same in IPv6's spelling", {}, "[::ffff:192.0.2.7]:1", REFUSAL],
  ])("%s", (_name, options, other, expected) => {
    const lab = new SourceLab({ refused_recipients: 1, ...options });
    lab.visit(IPV4, harvest(1));
    expect(lab.visit(other)).toBe(expected);
  });

  test.each([
    ["is 64 bits of an IPv6 address", {}, "[2001:db8:0:1:ffff::9]:1", REFUSAL],
    ["is no other such network", {}, "[2001:db8:0:2::1]:1", GREETING],
    ["is as many as ipv6_prefix says", { ipv6_prefix: 48 }, "[2001:db8:0:2::1]:1", REFUSAL],
    ["is not its neighbour where it is a single one", { ipv6_prefix: 128 }, "[2001:db8:0:1::2]:1", GREETING],
  ])("%s", (_name, options, other, expected) => {
    const lab = new SourceLab({ refused_recipients: 1, ...options });
    lab.visit("[2001:db8:0:1::1]:40000", harvest(1));
    expect(lab.visit(other)).toBe(expected);
  });

  test("differs by letters that SMTP takes for the same", () => {
    // 65.66 and 97.98 are "AB" and "ab".
    const lab = new SourceLab({ refused_recipients: 1 });
    lab.visit("65.66.67.68:1", harvest(1));
    expect([lab.visit("97.98.99.100:1"), lab.visit("65.66.67.68:1")]).toEqual([GREETING, REFUSAL]);
  });

  test("without an address is not counted", () => {
    const lab = new SourceLab({ refused_recipients: 1 });
    expect([lab.visit("/run/smtp.sock", harvest(1)), lab.visit("/run/smtp.sock")]).toEqual([
      GREETING,
      GREETING,
    ]);
  });
});

describe("a quarantine", () => {
  test("gets the connection, unread and unjudged", () => {
    const options = { refused_recipients: 1, quarantine_cluster: "tarpit" };
    const lab = new SourceLab(options, { profile: "strict" });
    lab.visit(IPV4, [
      ["HELO a.example", "250 mx.example"],
      ["MAIL FROM:<a@x.example>", "250 ok"],
      ...harvest(1),
    ]);
    const connection = lab.open(IPV4);
    expect(Buffer.from(connection.filterState.get("envoy.tcp_proxy.cluster") ?? []).toString()).toBe(
      "tarpit",
    );
    lab.act(connection, [["XADR", "250 how nice"]]);
    expect(text(connection)).toBe(`${GREETING}250 how nice\r\n`);
    expect(lab.events).toEqual(["source_abuse refused_recipients prevent quarantine"]);
  });

  test("gets nobody in detect", () => {
    const lab = new SourceLab({ mode: "detect", refused_recipients: 1, quarantine_cluster: "tarpit" });
    lab.visit(IPV4, harvest(1));
    expect(lab.open(IPV4).filterState.has("envoy.tcp_proxy.cluster")).toBe(false);
  });

  test.each([128, 127, 1])("with a name of %i characters", (length) => {
    const name = "q".repeat(length);
    const lab = new SourceLab({ refused_recipients: 1, quarantine_cluster: name });
    lab.visit(IPV4, harvest(1));
    const state = lab.open(IPV4).filterState.get("envoy.tcp_proxy.cluster");
    expect(Buffer.from(state ?? []).toString()).toBe(name);
  });
});

test("policies with one stat_prefix count together, with two apart; an update forgets nothing", () => {
  const policy = (prefix: string): string =>
    JSON.stringify({
      stat_prefix: prefix,
      profile: "monitor",
      protections: { source_abuse: { mode: "prevent", refused_recipients: 2 } },
    });
  const lab = new SourceLab({ refused_recipients: 2 });
  const connect = (plugin: typeof lab.plugin): string => {
    const connection = plugin.connect({ sourceAddress: IPV4 });
    connection.fromServer(Buffer.from(GREETING));
    return text(connection);
  };
  const [same, other] = [lab.plugin.addListener(policy("lab")), lab.plugin.addListener(policy("other"))];
  lab.visit(IPV4, harvest(2));
  expect([connect(same), connect(other)]).toEqual([REFUSAL, GREETING]);
  expect(lab.plugin.update(policy("lab"))).toBe(true);
  expect(lab.visit(IPV4)).toBe(REFUSAL);
});
