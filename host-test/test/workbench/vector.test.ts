/** A recorded session as a vector: it passes as one, and the filter finds the same in it. */
import { describe, expect, test } from "vitest";
import { chunksOf } from "../../workbench/files.js";
import { type Recording, recorder } from "../../workbench/recording.js";
import { newCounts, replayCapture } from "../../workbench/sessions.js";
import { spokenIn } from "../../workbench/transcript.js";
import { vectorOf } from "../../workbench/vector.js";
import { captures, pathOf } from "../support/captures.js";
import { parseVectorFile, vectorFiles } from "../support/vector-file.js";
import { wasmModule } from "../support/vector-node.js";
import { recordingOf, runVector, START } from "./made-vectors.js";

test("what is written", () => {
  const recording = recordingOf(
    [
      "S: 220-mx.corp.invalid ESMTP\nS: 220 no spam",
      "C: EHLO laptop.corp.invalid\nS: 250-mx.corp.invalid\nS: 250 PIPELINING",
      "C: MAIL FROM:<anna@corp.invalid>\nC: XSECRET {hunter2}\nC: RCPT TO:<bob@corp.invalid>",
      "S: 250 2.1.0 anna@corp.invalid ok\nS: 500 5.5.1 what is XSECRET\nS: 250 2.1.5 ok",
      "C: DATA\nS: 354 go\nC: Subject: salary\nC:\nC: {a*99}\nC:: .hidden\\n\nC: x\nC: .\nS: 250 2.0.0 ok\nC: QUIT\nS: 221 bye\nS.\nC.",
    ].join("\n"),
  );
  const { id, text, notes } = vectorOf(recording, wasmModule(), '{"profile":"recommended"}');
  expect(text).toBe(`# private_command

A recorded session, with other names and content of the same shape.

## Recorded: private_verb, prevent

\`\`\`policy
{"profile":"recommended"}
\`\`\`

\`\`\`smtp
S: 220-dddddd1.example ESMTP
S: 220 xx xxxx
C: EHLO dddddddddd2.example
S: 250-dddddd1.example
S: 250 PIPELINING
C: MAIL FROM:<use1@ddd3.example>
C> XZZZZZZ _xxxxxx0_
C: RCPT TO:<us2@ddd3.example>
S: 250 2.1.0 use1@ddd3.example ok
C< 502 5.5.1 private_command: rejected by policy
S: 250 2.1.5 ok
C: DATA
S: 354 go
C: xxxxxxx:xxxxxxx
C:
C: {x*99}
C:: .xxxxxx\\n
C: x
C: .
S: 250 2.0.0 ok
C: QUIT
S: 221 bye
\`\`\`

\`\`\`findings
private_command private_verb prevent reject verb=XZZZZZZ
\`\`\`
`);
  expect([id, notes]).toEqual(["private_command", []]);
  runVector(id, text, true);
});

test("a client that does not wait, and a reply in pieces: who spoke first stays so", () => {
  const recording = recordingOf(
    "C: EHLO a\nS:: 220 m\nC: XADR\nS: x\nS: 250 ok\nS: 500 what\nC: QUIT\nS: 221 bye",
  );
  const { id, text } = vectorOf(
    recording,
    wasmModule(),
    '{"profile":"recommended","protections":{"client_talks_first":"detect","improper_pipelining":"detect"}}',
  );
  expect(text.split("```")[3]?.split("\n").slice(1, -1)).toEqual([
    "C> EHLO a",
    "--",
    "S>: 220 x",
    "C> XADR",
    "--",
    "S> x",
    "C< 220 xx",
    "S< EHLO a",
    "S: 250 ok",
    "S< NOOP",
    "S> 250 2.0.0 ok",
    "C< 502 5.5.1 private_command: rejected by policy",
    "C: QUIT",
    "S: 221 bye",
  ]);
  runVector(id, text, true);
});

describe("the policy", () => {
  const LINES = "S: 220 mx\nC: XADR\nS: 500 what\nC: XMINE\nS: 250 ok";
  const policyOf = (policy: object): { policy: string; notes: string[] } => {
    const { id, text, notes } = vectorOf(recordingOf(LINES), wasmModule(), JSON.stringify(policy));
    runVector(id, text, false);
    return { policy: parseVectorFile(text, `${id}.md`).cases[0]?.policy ?? "", notes };
  };

  test("has no networks, no names of the place, and the verbs that it lets through", () => {
    const own = { mode: "prevent", allow: ["xmine"], exempt_sources: ["192.0.2.0/24"] };
    expect(
      policyOf({ stat_prefix: "corp", events: { max_per_second: 0 }, protections: { private_command: own } }),
    ).toEqual({
      policy: '{"protections":{"private_command":{"mode":"prevent","allow":["xmine"]}}}',
      notes: ["private_command is in it without its exempt_sources"],
    });
  });

  test("says off of a protection that leaves this client alone", () => {
    const own = { mode: "prevent", exempt_sources: ["198.51.100.0/24"] };
    expect(policyOf({ profile: "recommended", protections: { private_command: own } })).toEqual({
      policy: '{"profile":"recommended","protections":{"private_command":"off"}}',
      notes: ["private_command is off in it, since the client is in its exempt_sources"],
    });
  });

  test("exempts everybody where all protections leave this client alone", () => {
    expect(policyOf({ profile: "strict", exempt_sources: ["198.51.100.0/24"] })).toEqual({
      policy: '{"profile":"strict","exempt_sources":["0.0.0.0/0","::/0"]}',
      notes: ["the policy's own exempt_sources has everybody in it, since the client is in it"],
    });
  });

  test("has no networks of the whole policy that this client is not in", () => {
    expect(policyOf({ exempt_sources: ["203.0.113.0/24"] })).toEqual({
      policy: "{}",
      notes: ["the policy's own exempt_sources is left out"],
    });
  });

  test("allows for as many events as the session has", () => {
    const many = `S: 220 mx\n${"C: XADR\nS: 500 what\n".repeat(120)}C: QUIT\nS: 221 bye`;
    const { id, text } = vectorOf(recordingOf(many), wasmModule(), '{"profile":"monitor"}');
    expect(text).toContain('{"profile":"monitor","events":{"max_per_second":10000}}\n');
    runVector(id, text, false);
  });
});

test("nothing is made of nothing", () => {
  const nobody = { ...START, said: [], stopped: null };
  expect(() => vectorOf(nobody, wasmModule(), "{}")).toThrow(
    "no test case can be made of the session: nothing is said in it",
  );
  const lost = { ...START, said: [], stopped: "the capture begins in the middle of the session" };
  expect(() => vectorOf(lost, wasmModule(), "{}")).toThrow(
    "no test case can be made of the session: the capture begins in the middle of the session",
  );
});

describe.each(captures())("$file: $what", ({ file }) => {
  test("each session is a vector under every profile", { timeout: 300_000 }, async () => {
    let made = 0;
    for (let id = 0; id < 5; id++) {
      let recording: Recording | null = null;
      const port = file.includes("connect-with-smtp") ? 8240 : undefined;
      for await (const session of replayCapture(chunksOf(pathOf(file)), recorder(id), newCounts(), {
        port,
      })) {
        if ("said" in session) recording = session;
      }
      if (recording === null) continue;
      for (const profile of ["monitor", "recommended", "strict"]) {
        const vector = vectorOf(recording, wasmModule(), JSON.stringify({ profile }));
        runVector(vector.id, vector.text, profile === "recommended" && vector.text.length < 3000);
        made++;
      }
    }
    expect(made).toBeGreaterThan(0);
  });
});

/**
 * `from-pcap` refuses these and says so. What is between quotes in an address is a name, and none of it is kept; and after LF, dot, LF the conversation is told apart from its message only by what
 * an exempt client's server replies, and what follows is replaced as content.
 */
const NOT_ANONYMOUS = [
  "address_metacharacters: Quotes and backslashes hide no expansion",
  "smuggled_end_of_data: A device that sends LF, exempt, goes on after its message",
];

test("so is every conversation of the vectors, under its policy", { timeout: 300_000 }, () => {
  const refused: string[] = [];
  for (const { id, cases } of vectorFiles()) {
    for (const { title, lines, policy } of cases) {
      const recording = { ...START, client: "127.0.0.1:40000", said: [...spokenIn(lines)], stopped: null };
      try {
        vectorOf(recording, wasmModule(), policy);
      } catch (error) {
        expect(String(error), `${id}: ${title}`).toContain("after anonymising, the filter finds");
        refused.push(`${id}: ${title}`);
      }
    }
  }
  expect(refused).toEqual(NOT_ANONYMOUS);
});
