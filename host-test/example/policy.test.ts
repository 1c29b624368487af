// What this policy must let through and what it must stop. README: "Test your policy in your own CI".
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import { type FindingEvent, PolicyRefused, type Session, SmtpInspector } from "smtp-inspector/host";

const policy = readFileSync(new URL("../policy.json", import.meta.url), "utf8");
const inspector = SmtpInspector.load(policy);
after(() => inspector.close());

const named = (findings: FindingEvent[]): string[] =>
  findings.map(({ protection, reason, action }) => `${protection}/${reason} ${action}`);

describe("our policy", () => {
  test("lets our newsletter through", () => {
    const session: Session = inspector.play(`
      S: 220 mx.example.org ESMTP
      C: EHLO news.example.net
      S: 250 mx.example.org
      C: MAIL FROM:<news@example.net>
      S: 250 ok
      C: RCPT TO:<bob@example.org>
      S: 250 ok
      C: DATA
      S: 354 go ahead
      C: Subject: News
      C:
      C: All is well.
      C: .
      S: 250 queued
      C: QUIT
      S: 221 bye
    `);
    assert.equal(session.verdict, "clean", session.report);
    assert.match(session.server.text, /\r\nAll is well\.\r\n\.\r\nQUIT\r\n$/);
  });

  test("refuses a recipient without a domain, and nothing else of the session", () => {
    const session = inspector
      .connect({ client: "192.0.2.7:40000" })
      .server("220 mx.example.org ESMTP\r\n")
      .client("EHLO client.example.net\r\n")
      .server("250 mx.example.org\r\n")
      .client("MAIL FROM:<a@example.net>\r\n")
      .server("250 ok\r\n")
      .client("RCPT TO:<root>\r\n")
      .finish();
    assert.equal(session.verdict, "prevented");
    assert.deepEqual(named(session.findings), ["recipient_no_domain/no_domain reject"]);
    assert.match(session.client.text, /\r\n550 5\.7\.1 recipient_no_domain: rejected by policy\r\n$/);
    assert.ok(!session.server.text.includes("root"), session.report);
  });

  test("trusts our own network with it", () => {
    const conversation = inspector.connect({ client: "10.1.2.3:40000" });
    conversation.server("220 mx.example.org ESMTP\r\n").client("EHLO app.example.org\r\n");
    conversation.server("250 mx.example.org\r\n").client("MAIL FROM:<>\r\n").server("250 ok\r\n");
    conversation.client("RCPT TO:<root>\r\n");
    assert.match(conversation.soFar.server.text, /RCPT TO:<root>\r\n$/);
    assert.equal(conversation.server("250 ok\r\n").finish().verdict, "clean");
  });

  test("ends who says nothing for five minutes", () => {
    const conversation = inspector.connect().server("220 mx.example.org ESMTP\r\n");
    conversation.client("EHLO slow.example.net\r\n").server("250 mx.example.org\r\n");
    const { client, closed } = conversation.wait(302).finish();
    assert.match(client.text, /\r\n421 4\.4\.2 .*\r\n$/, closed ?? "");
  });

  test("is one that the filter accepts, and a misspelt one is not", () => {
    assert.throws(
      () => SmtpInspector.load({ profile: "recommended", protections: { exchange_comand: "off" } }),
      {
        constructor: PolicyRefused,
        message: /exchange_comand.*exchange_command/,
      },
    );
  });
});
