/** `smtp-inspector proxy` over real sockets: what it shows of each session. */
import { createTransport } from "nodemailer";
import { describe, expect, test } from "vitest";
import { freePort } from "../../peers/net.js";
import { clientOf, mailServer, RunningProxy } from "../support/running-proxy.js";

describe("what is shown", () => {
  test("a mail of nodemailer's, with its credentials masked and its data cut short", async () => {
    // One command at a time, so that the order of what is shown is no matter of time.
    const server = await mailServer({ hideSTARTTLS: true, hidePIPELINING: true });
    const running = await RunningProxy.start(["--to", `127.0.0.1:${server.port}`]);
    const transport = createTransport({
      host: "127.0.0.1",
      port: running.port,
      secure: false,
      name: "client.example.org",
      auth: { user: "tester", pass: "secret" },
    });
    await transport.sendMail({
      envelope: { from: "alice@example.org", to: ["bob@example.test"] },
      raw: "From: <alice@example.org>\r\nSubject: hi\r\n\r\nfour\r\nfive\r\nsix\r\n",
    });
    transport.close();
    expect(await running.session(1)).toEqual([
      "S: 220 mx.example.test ESMTP test",
      "C: EHLO client.example.org",
      "S: 250-mx.example.test Nice to meet you, [127.0.0.1]",
      "S: 250-8BITMIME",
      "S: 250-SMTPUTF8",
      "S: 250 AUTH LOGIN PLAIN",
      "C: AUTH PLAIN ***",
      "S: 235 Authentication successful",
      "C: MAIL FROM:<alice@example.org>",
      "S: 250 Accepted",
      "C: RCPT TO:<bob@example.test>",
      "S: 250 Accepted",
      "C: DATA",
      "S: 354 End data with <CR><LF>.<CR><LF>",
      "C: From: <alice@example.org>",
      "C: Subject: hi",
      "C:",
      "C: four",
      "# … 62 bytes of data",
      "S: 250 OK: message queued",
      "== no findings; both sides ended",
    ]);
    expect((await server.received(1))[0]?.content).toBe(
      "From: <alice@example.org>\r\nSubject: hi\r\n\r\nfour\r\nfive\r\nsix\r\n",
    );
    expect(await running.stop()).toBe(0);
    expect(running.out.at(-1)).toBe("== 1 session, 0 with findings");
    expect(running.err).toEqual([]);
  });

  test("a private command, refused under the line that caused it, also in a group", async () => {
    const server = await mailServer();
    const running = await RunningProxy.start(["--to", `127.0.0.1:${server.port}`, "--policy", "strict"]);
    const client = await clientOf(running.port);
    await client.reply();
    await client.ask("EHLO client.example.org");
    expect(await client.ask("XADR")).toBe("502 5.5.1 private_command: rejected by policy");
    client.send("RSET\r\nXSTA\r\nNOOP\r\n");
    expect(await client.replies(3)).toEqual([
      "250 Flushed",
      "502 5.5.1 private_command: rejected by policy",
      "250 OK",
    ]);
    client.send("RCPT \u001b[31m\r\n");
    await client.reply();
    await client.ask("QUIT");
    await client.closed();
    expect(await running.session(1)).toEqual([
      "S: 220 mx.example.test ESMTP test",
      "C: EHLO client.example.org",
      "S: 250-mx.example.test Nice to meet you, [127.0.0.1]",
      "S: 250-PIPELINING",
      "S: 250-8BITMIME",
      "S: 250-SMTPUTF8",
      "S: 250 AUTH LOGIN PLAIN",
      "C> XADR",
      "^ private_command/private_verb: prevented (reject), 502 5.5.1 to the client",
      "S< NOOP",
      "S> 250 OK",
      "C< 502 5.5.1 private_command: rejected by policy",
      "C: RSET",
      "C> XSTA",
      "^ private_command/private_verb: prevented (reject), 502 5.5.1 to the client",
      "C: NOOP",
      "S: 250 Flushed",
      "C< 502 5.5.1 private_command: rejected by policy",
      "S: 250 OK",
      "C> RCPT \\x1b[31m",
      "^ binary_data_in_command/control: prevented (reject), 501 5.5.2 to the client",
      "^ bad_path_syntax/keyword: prevented (reject), 501 5.5.2 to the client",
      "^ command_out_of_sequence/no_mail: prevented (reject), 503 5.5.1 to the client",
      "S< NOOP",
      "S> 250 OK",
      "C< 501 5.5.2 binary_data_in_command: rejected by policy",
      "C: QUIT",
      "S: 221 Bye",
      "== 5 findings; both sides ended",
    ]);
    expect(await running.stop()).toBe(1);
    expect(running.out.at(-1)).toBe("== 1 session, 1 with findings");
  });

  test("TLS, which is counted and not shown", async () => {
    const server = await mailServer({});
    const running = await RunningProxy.start(["--to", `127.0.0.1:${server.port}`, "--policy", "monitor"]);
    const transport = createTransport({
      host: "127.0.0.1",
      port: running.port,
      requireTLS: true,
      tls: { rejectUnauthorized: false },
      name: "client.example.org",
    });
    await transport.sendMail({
      from: "alice@example.org",
      to: "bob@example.test",
      subject: "hi",
      text: "hi",
    });
    transport.close();
    const shown = await running.session(1);
    expect(
      shown.slice(shown.indexOf("C: STARTTLS")).map((line) => line.replace(/\d{3,}(?= bytes)/, "N")),
    ).toEqual([
      "C: STARTTLS",
      "^ starttls_command/starttls: detected",
      "S: 220 Ready to start TLS",
      "# N bytes of TLS from the client",
      "# N bytes of TLS from the server",
      "== 1 finding; both sides ended",
    ]);
  });

  test("a terminated session", async () => {
    const server = await mailServer();
    const running = await RunningProxy.start(["--to", `127.0.0.1:${server.port}`]);
    const client = await clientOf(running.port);
    await client.reply();
    client.send("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
    expect(await client.closed()).toMatch(/421 4\.7\.0 non_smtp_command: connection closed by policy\r\n$/);
    expect(await running.session(1)).toEqual([
      "S: 220 mx.example.test ESMTP test",
      "C> GET / HTTP/1.1",
      "^ non_smtp_command/http_method: prevented (terminate), 421 4.7.0 to the client",
      "C> Host: example.org",
      "C>",
      "S< QUIT",
      "S> 221 Bye",
      "C< 421 4.7.0 non_smtp_command: connection closed by policy",
      "== 1 finding; the filter closes",
    ]);
  });

  test("lines that nobody reads do not pile up, and are counted", async () => {
    const server = await mailServer();
    const running = await RunningProxy.start(["--to", `127.0.0.1:${server.port}`]);
    running.unread = 100_000_000;
    const client = await clientOf(running.port);
    await client.reply();
    await client.ask("NOOP");
    running.unread = 0;
    await client.ask("RSET");
    await running.said(/^\[\d+\] S: 250 Flushed$/);
    expect(running.out.slice(1).map((line) => line.replace(/^\[\d+\] /, ""))).toEqual([
      // The greeting, NOOP and its answer, and that somebody connects.
      "== 4 lines not shown: the output was not read in time",
      "C: RSET",
      "S: 250 Flushed",
    ]);
  });

  test("a server that is not there: one line, and the proxy goes on", async () => {
    const port = await freePort();
    const running = await RunningProxy.start(["--to", `127.0.0.1:${port}`]);
    const client = await clientOf(running.port);
    expect(await client.closed()).toBe("");
    await running.said(/cannot be reached/, running.err);
    expect(await running.session(1)).toEqual(["== no findings; the server has gone away"]);
  });
});
