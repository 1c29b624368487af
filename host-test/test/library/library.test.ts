/** `smtp-inspector/host`: what a program sees of the filter. */
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { modulePath } from "../../cli/front.js";
import { PolicyRefused, SmtpInspector } from "../../library/index.js";

const inspector = SmtpInspector.load();
afterAll(() => inspector.close());

const GREETED = "S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example\n";

describe("a session as the caller speaks it", () => {
  test("a rejected command: findings as the filter writes them, and what each side got", () => {
    const conversation = inspector.connect({ client: "[2001:db8::7]:1234", server: "192.0.2.1:587" });
    conversation.server("220 mx.example\r\n").client("EHLO client.example\r\n").server("250 mx.example\r\n");
    expect(conversation.soFar).toEqual({
      server: { bytes: new TextEncoder().encode("EHLO client.example\r\n"), text: "EHLO client.example\r\n" },
      client: expect.objectContaining({ text: "220 mx.example\r\n250 mx.example\r\n" }) as unknown,
      findings: [],
      shadow: [],
    });
    const session = conversation.client("XADR\r\n").ends("client").finish();
    expect(session).toMatchObject({
      title: "",
      verdict: "prevented",
      shadow: [],
      closed: "client closed the connection",
      incomplete: null,
    });
    expect(session.findings).toEqual([
      {
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/) as unknown,
        flow_id: expect.any(Number) as unknown,
        connection_id: expect.any(Number) as unknown,
        event_type: "alert",
        stat_prefix: "default",
        proto: "TCP",
        app_proto: "smtp",
        src_ip: "2001:db8::7",
        src_port: 1234,
        dest_ip: "192.0.2.1",
        dest_port: 587,
        tls: false,
        smtp: { helo: "client.example" },
        protection: "private_command",
        reason: "private_verb",
        mode: "prevent",
        action: "reject",
        phase: "command",
        verb: "XADR",
        excerpt: "XADR",
        reply: "502 5.5.1",
      },
    ]);
    expect(session.server.text).toBe("EHLO client.example\r\nNOOP\r\n");
    expect(session.client.text).toBe(
      "220 mx.example\r\n250 mx.example\r\n502 5.5.1 private_command: rejected by policy\r\n",
    );
    expect(session.report).toContain("\nC> XADR\n^ private_command/private_verb: prevented (reject)");
    expect(() => conversation.client("NOOP\r\n")).toThrow("this session is finished");
  });

  test("all bytes are kept, however many, and text is sent in UTF-8", () => {
    const conversation = inspector.connect().server("220 a\r\n").client("EHLO b\r\n").server("250 a\r\n");
    for (const line of ["MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>"])
      conversation.client(`${line}\r\n`).server("250 ok\r\n");
    conversation.client("DATA\r\n").server("354 go\r\n");
    const body = "é\r\n".repeat(20_000);
    const { server, verdict } = conversation.client(body).client(".\r\n").server("250 ok\r\n").finish();
    expect(verdict).toBe("clean");
    expect(server.bytes.length).toBe(62 + 80_000 + 3);
    expect(server.text.endsWith("\xc3\xa9\r\n.\r\n")).toBe(true);
  });

  test("time passes by a word: a limit of the policy ends who is silent", () => {
    const limited = SmtpInspector.load({ limits: { command_timeout_ms: 10_000 } });
    const conversation = limited.connect().server("220 a\r\n").client("EHLO b\r\n").server("250 a\r\n");
    expect(conversation.wait(9).soFar.server.text).toBe("EHLO b\r\n");
    const session = conversation.wait(3).finish();
    expect(session.server.text).toBe("EHLO b\r\nQUIT\r\n");
    expect(session.closed).toBe("the filter closed the connection");
    expect(limited.statistics.get("smtp.default.client_timeouts")).toBe(1);
    expect(() => limited.connect().wait(-1)).toThrow("wait needs 0 to 86400 seconds, not -1");
    limited.close();
  });

  test("sessions of one filter do not mix, and share what it knows of sources", () => {
    const policy = { protections: { source_abuse: { mode: "prevent" as const, connections: 2 } } };
    const strict = SmtpInspector.load(policy);
    const one = strict.connect({ client: "192.0.2.1:1" });
    const other = strict.connect({ client: "192.0.2.2:2" });
    one.server("220 a\r\n").client("EHLO b\r\n").server("250 a\r\n");
    other.server("220 a\r\n").client("EHLO c\r\n").server("250 a\r\n");
    expect(one.client("XADR\r\n").finish().verdict).toBe("prevented");
    expect(other.finish()).toMatchObject({ verdict: "clean", findings: [] });
    const again = strict.connect({ client: "192.0.2.1:3" }).server("220 a\r\n").finish();
    expect(again).toMatchObject({ verdict: "terminated", findings: [{ protection: "source_abuse" }] });
    strict.close();
  });
});

describe("transcripts", () => {
  test("one conversation, with the marks of the vectors and indented as in a program", () => {
    const session = inspector.play(`
      S: 220 mx.example
      C: EHLO client.example
      S: 250 mx.example
      C:: RCPT TO:<a\\x01b@example.org>\\r\\n
    `);
    expect(session.findings.map(({ reason }) => reason)).toContain("control");
  });

  test("every conversation of a page, by its heading", () => {
    const page = `# one\n\`\`\`smtp\n${GREETED}\`\`\`\n# two\n\`\`\`smtp\n${GREETED}C: XADR\n\`\`\`\n`;
    expect(inspector.playAll(page).map(({ title, verdict }) => [title, verdict])).toEqual([
      ["one", "clean"],
      ["two", "prevented"],
    ]);
    expect(() => inspector.play(page)).toThrow("this transcript has 2 conversations: play them with playAll");
  });

  test("what cannot be read is said with its line", () => {
    expect(() => inspector.play(`${GREETED}Q: QUIT\n`)).toThrow(
      'transcript:4: "Q: QUIT" has no mark such as "C: "',
    );
    expect(() => inspector.play("hello")).toThrow(
      "transcript: no conversation: it needs lines that begin with",
    );
  });
});

describe("the policy", () => {
  test("is refused with the filter's own words, as an object and as text", () => {
    for (const policy of [{ profil: "strict" }, '{"profil":"strict"}'])
      expect(() => SmtpInspector.load(policy as never)).toThrow(
        new PolicyRefused('policy refused at $.profil (offset 1): unknown key; did you mean "profile"?'),
      );
    expect(() => SmtpInspector.load("{")).toThrow(PolicyRefused);
  });

  test("with a shadow says what that would have done", () => {
    const shadowed = SmtpInspector.load({ profile: "monitor", shadow: { profile: "strict" } });
    const { verdict, shadow, findings } = shadowed.play(`${GREETED}C: XADR\n`);
    expect(verdict).toBe("detected");
    expect(findings.map(({ action }) => action)).toEqual(["detect"]);
    expect(shadow).toMatchObject([{ protection: "private_command", action: "reject", shadow: true }]);
    shadowed.close();
  });

  test("another build of the module can be given, and nothing begins after close", () => {
    const own = SmtpInspector.load({}, { module: readFileSync(modulePath()) });
    own.close();
    own.close();
    expect(() => own.connect()).toThrow("this SmtpInspector is closed: load another");
    expect(() => SmtpInspector.load({}, { module: new Uint8Array([0, 1, 2, 3]) })).toThrow(
      WebAssembly.CompileError,
    );
  });
});
