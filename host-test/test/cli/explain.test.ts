/** `smtp-inspector explain`: a page for every protection, and what one of them says to the letter. */
import { describe, expect, test } from "vitest";
import { explain } from "../../cli/explain.js";
import { PAGES } from "../../pages/generated-pages.js";
import { runCommand } from "../support/run-command.js";

describe("explain", () => {
  test("all that it says of one", async () => {
    const { code, out } = await runCommand(explain, ["private_command"]);
    expect(code).toBe(0);
    expect(out).toBe(`private_command
A verb that starts with X: private to two parties who agreed on it.

modes         monitor detect, recommended prevent, strict prevent, submission prevent
reasons       private_verb: a private verb that the policy does not allow
              announced (monitor detect, recommended off, strict prevent, submission off): XUSR,
              where the last accepted EHLO reply offers it
prevent does  reject: the client reads "502 5.5.1 private_command: rejected by policy"; "action"
              may be terminate instead
options       allow: Private verbs to let through.
sources       Check Point SBP-2010-06 "SMTP Private Commands"; RFC 5321 4.1.5; Cisco ASA inspect
              esmtp; Sun Internet Mail Server (XADR, XCIR, XGEN, XSTA)
page          host-test/vectors/private_command.md

Trigger:
  The verb of a command line starts with \`X\` or \`x\`, has two letters or more, and is well formed (letters,
  digits, hyphens, 20 at most). The verbs of exchange_command and of
  trust_command belong to those protections alone. Only verbs count, not the keyword \`XVERP\` in an EHLO
  reply, a MAIL parameter \`XVERP=\`, a header \`X-Mailer:\` in a message or a HELO name that starts with x.

False positives:
  Senders that use a private extension which the server announced. One is known: GNU Emacs
  (smtpmail, to this day) sends \`XUSR\`, "this is a user's first submission", to a server that offers it, as sendmail before
  8.12 does, and gives the mail up when that is refused. So \`announced\` is off in \`recommended\` and \`submission\`, and \`strict\`
  breaks Emacs before such a server. No client is known that sends another private verb to a server outside its own site: all
  others are refused, offered or not, and so is \`XUSR\` where it was not offered.

Relax:
  Allow the verbs that were agreed on, or exempt those who use them:

  {
    "protections": {
      "private_command": { "mode": "prevent", "allow": ["XUSR"], "exempt_sources": ["192.0.2.0/24"] }
    }
  }

Example: A private verb is refused in prevent
  policy {"profile":"monitor","protections":{"private_command":"prevent"}}
  S: 220 mx.example ESMTP
  C: EHLO client.example
  S: 250 mx.example
  C> XADR
  S< NOOP
  S> 250 2.0.0 ok
  C< 502 5.5.1 private_command: rejected by policy
  C: QUIT
  S: 221 bye
  ^ private_command private_verb prevent reject verb=XADR
`);
  });

  test("reasons that a profile takes less seriously than their protection", async () => {
    const { out } = await runCommand(explain, ["bare_newline_in_command"]);
    expect(out).toContain(
      "reasons       lf (monitor detect, recommended off, strict prevent, submission off): the line ends\n" +
        "              with LF but without CR\n" +
        "              cr: the line holds a CR that no LF follows; CRCRLF is one too\n",
    );
    const { out: lax } = await runCommand(explain, ["lax_command_syntax"]);
    expect(lax).toContain(" colon_blank (monitor off, recommended off, strict prevent, submission off): a");
  });

  for (const { id, reasons } of PAGES) {
    test(`${id} has every part`, async () => {
      const { out } = await runCommand(explain, [id]);
      const parts = [
        "modes ",
        "reasons ",
        "prevent does ",
        "sources ",
        "page ",
        "Trigger:",
        "Relax:",
        "Example: ",
      ];
      for (const part of parts) expect(out).toContain(`\n${part}`);
      expect(out).toMatch(new RegExp(`\\n  \\^ ${id} [a-z0-9_]+ prevent `));
      for (const reason of reasons) expect(out).toMatch(new RegExp(`\\b${reason.id}\\b`));
      expect(out).not.toContain("```");
      expect(out).not.toContain("undefined");
    });
  }

  test("without an id: all of them, one line each, in the catalogue's order", async () => {
    const { out } = await runCommand(explain, []);
    const lines = out.trimEnd().split("\n");
    expect(lines.map((line) => line.split(" ")[0])).toEqual(PAGES.map(({ id }) => id));
    expect(lines[0]).toBe(
      "bad_server_greeting        The server opens with a well-formed reply that is not 220: no SMTP service, or a refusal.",
    );
  });

  test("the key starttls, which is no protection", async () => {
    const { out } = await runCommand(explain, ["starttls"]);
    expect(out).toContain('  originate: "never", "offered", "always"; default "never"\n');
    expect(out).toContain("  terminate: false, true; default false\n");
    expect(out).toContain('  require: "never", "auth", "mail"; default "never"\n');
  });

  test("the keys of the operator's own rules, which are no protections", async () => {
    const { out } = await runCommand(explain, ["ehlo_keywords", "commands"]);
    expect(out).toMatch(/^ {2}8BITMIME ATRN AUTH .*$/m);
    expect(out).toContain('Example: { "ehlo_keywords": { "deny": ["CHUNKING", "SMTPUTF8"] } }\n');
    expect(out).toContain(
      "  deny:\n    Verbs that a client may not use. Upper and lower case are the same. QUIT cannot be denied.\n",
    );
    expect(out).toContain('See also: forbidden_command, and "Your own rules" in envoy/README.md.\n');
    expect(out).not.toContain("undefined");
  });

  test("what strip does, of each protection that strips", async () => {
    const { out } = await runCommand(explain, ["starttls_command", "forbidden_extension"]);
    expect(out).toContain("prevent does  strip: STARTTLS is taken out of the EHLO reply, and answered");
    expect(out).toContain(
      "prevent does  strip: forbidden keywords are taken out of the EHLO reply, and their use is",
    );
  });

  test("an unknown id: the nearest one, or where ids are listed", async () => {
    const of = (id: string) => async () => runCommand(explain, [id]);
    await expect(of("privat-comand")).rejects.toThrow(
      'no protection is called "privat-comand": did you mean "private_command"?',
    );
    await expect(of("private")).rejects.toThrow(
      new Error('no protection is called "private": did you mean "private_command"?'),
    );
    await expect(of("Newline")).rejects.toThrow(
      new Error(
        'no protection is called "Newline": did you mean "bare_newline_in_command" or "bare_newline_in_data"?',
      ),
    );
    await expect(of("command")).rejects.toThrow(
      new Error('no protection is called "command": "smtp-inspector explain" lists all 61'),
    );
    await expect(of("virus")).rejects.toThrow(
      'no protection is called "virus": "smtp-inspector explain" lists all 61',
    );
  });
});
