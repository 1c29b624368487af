/** `smtp-inspector explain`: a page for every protection, and what one of them says to the letter. */
import { describe, expect, test } from "vitest";
import { REASONS } from "../../../assembly/protections/reason.js";
import { CATALOGUE } from "../../../assembly/protections/catalogue.js";
import { explain } from "../../cli/explain.js";
import { runCommand } from "../support/run-command.js";

describe("explain", () => {
  test("all that it says of one", async () => {
    const { code, out } = await runCommand(explain, ["private_command"]);
    expect(code).toBe(0);
    expect(out).toBe(`private_command
A verb that starts with X: private to two parties who agreed on it.

modes         monitor detect, recommended prevent, strict prevent
reasons       private_verb
prevent does  reject: the client reads "502 5.5.1 private_command: rejected by policy"; "action"
              may be terminate instead
options       allow: Private verbs to let through.
sources       Check Point SBP-2010-06; RFC 5321 4.1.5; Cisco ASA inspect esmtp; Sun XADR
page          host-test/vectors/private_command.md

Trigger:
  The verb of a command line starts with \`X\` or \`x\`, has two letters or more, and is well formed (letters,
  digits, hyphens, 20 at most). The verbs of exchange_command belong to that protection alone. Only
  verbs count: the keyword \`XVERP\` in an EHLO reply, a MAIL parameter \`XVERP=\`, a header \`X-Mailer:\` in a message and a
  HELO name that starts with x are no hits.

False positives:
  Proxies and content filters that say \`XCLIENT\` or \`XFORWARD\` to Postfix; senders that probe a private
  extension which the server announced.

Relax:
  Let the verbs through that are agreed on, for all, or leave the filters' own network alone:

  {
    "protections": {
      "private_command": { "mode": "prevent", "allow": ["XCLIENT", "XFORWARD"], "exempt_sources": ["192.0.2.0/24"] }
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
      "reasons       lf (monitor detect, recommended detect, strict prevent)\n              cr\n",
    );
    const { out: lax } = await runCommand(explain, ["lax_command_syntax"]);
    expect(lax).toContain(" colon_blank (monitor off, recommended off, strict prevent)\n");
  });

  for (const { id, protectionsReasons } of CATALOGUE.map((entry) => ({
    id: entry.id,
    protectionsReasons: REASONS.filter(
      (reason) => reason.id !== "" && CATALOGUE[reason.protection] === entry,
    ),
  }))) {
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
      for (const reason of protectionsReasons) expect(out).toMatch(new RegExp(`\\b${reason.id}\\b`));
      expect(out).not.toContain("```");
      expect(out).not.toContain("undefined");
    });
  }

  test("without an id: all of them, one line each, in the catalogue's order", async () => {
    const { out } = await runCommand(explain, []);
    const lines = out.trimEnd().split("\n");
    expect(lines.map((line) => line.split(" ")[0])).toEqual(CATALOGUE.map(({ id }) => id));
    expect(lines[0]).toBe(
      "bad_server_greeting        The server opens with a well-formed reply that is not 220: no SMTP service, or a refusal.",
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
      new Error('no protection is called "command": "smtp-inspector explain" lists all 35'),
    );
    await expect(of("virus")).rejects.toThrow(
      'no protection is called "virus": "smtp-inspector explain" lists all 35',
    );
  });
});
