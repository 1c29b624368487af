/** What the server and the client get where one of them is ahead of the other: changes that no other test noticed. */
import { describe, expect, test } from "vitest";
import { Plugin } from "../../host/plugin.js";
import { wasmModule } from "../support/vector-node.js";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (data: Uint8Array): string => Buffer.from(data).toString("latin1");

/** What each side says in turn; `end` is the end of its stream, with the words or behind them. */
type Speech = [side: "C" | "S", words: string, end?: "end"];

interface Seen {
  toServer: string;
  toClient: string;
  findings: string[];
}

function play(protections: object, speeches: Speech[]): Seen {
  const configuration = JSON.stringify({ profile: "monitor", protections });
  const plugin = Plugin.load(wasmModule(), { configuration });
  const connection = plugin.connect();
  for (const [side, words, end] of speeches) {
    if (side === "C") connection.fromClient(bytes(words), end === "end");
    else connection.fromServer(bytes(words), end === "end");
  }
  const findings = plugin.logs.flatMap(({ message }) => {
    const { protection, action } = JSON.parse(message) as Record<string, string>;
    return Object.hasOwn(protections, String(protection)) ? [`${protection} ${action}`] : [];
  });
  const [toServer, toClient] = [text(connection.toServer), text(connection.toClient)];
  connection.clientReset();
  return { toServer, toClient, findings };
}

const OPEN: Speech[] = [
  ["S", "220 mx\r\n"],
  ["C", "EHLO c\r\n"],
  ["S", "250-mx\r\n250-AUTH LOGIN\r\n250-STARTTLS\r\n250 PIPELINING\r\n"],
];
const COMMANDS = "MAIL FROM:<a@x.org>\r\nRCPT TO:<b@x.org>\r\n";
const ENVELOPE: Speech[] = [
  ["C", COMMANDS],
  ["S", "250 ok\r\n250 ok\r\n"],
];

describe("behind DATA and AUTH the client's lines are no commands, also when its stream has ended", () => {
  test("the message", () => {
    const message = "DATA\r\nXADR\r\n.\r\nQUIT\r\n";
    const replies: Speech[] = [
      ["S", "354 go\r\n"],
      ["S", "250 ok\r\n"],
      ["S", "221 bye\r\n", "end"],
    ];
    const watched = play({ private_command: "detect" }, [
      ...OPEN,
      ...ENVELOPE,
      ["C", message, "end"],
      ...replies,
    ]);
    expect(watched.findings).toEqual([]);
    expect(watched.toServer).toBe(`EHLO c\r\n${COMMANDS}${message}`);
    // What is held when the stream ends may be refused as a whole, but not read as commands.
    const held = play({ private_command: "prevent" }, [
      ...OPEN,
      ...ENVELOPE,
      ["C", message, "end"],
      ...replies,
    ]);
    expect(held.findings).toEqual([]);
    expect(held.toClient).not.toContain("private_command");
  });

  test("the responses", () => {
    const responses = "AUTH LOGIN\r\nXADR\r\nXABC\r\n";
    const replies: Speech[] = [
      ["S", "334 VXNlcg==\r\n"],
      ["S", "334 UGFzcw==\r\n"],
      ["S", "235 ok\r\n", "end"],
    ];
    const watched = play({ private_command: "detect" }, [...OPEN, ["C", responses, "end"], ...replies]);
    expect(watched.findings).toEqual([]);
    expect(watched.toServer).toBe(`EHLO c\r\n${responses}`);
    const held = play({ private_command: "prevent" }, [...OPEN, ["C", responses, "end"], ...replies]);
    expect(held.findings).toEqual([]);
    expect(held.toClient).not.toContain("private_command");
  });
});

test("after the last reply that an ended session owes, the server is not heard any more", () => {
  const seen = play({ starttls_injection: "prevent" }, [
    ...OPEN,
    ["C", "MAIL FROM:<a@x.org>\r\nSTARTTLS\r\nRSET\r\n"],
    ["S", "250 ok\r\n"],
    ["S", "454 not now\r\n"],
    ["S", "250 what comes late\r\n"],
  ]);
  expect(seen.findings).toEqual(["starttls_injection terminate"]);
  expect(seen.toServer).toBe("EHLO c\r\nMAIL FROM:<a@x.org>\r\nSTARTTLS\r\n");
  expect(seen.toClient).not.toContain("late");
});

test("a line that ends with the client's stream is not completed by what stood there before", () => {
  const before: Speech[] = [
    ["C", "MAIL FROM:<a@x.org>\r\n"],
    ["S", "250 ok\r\n"],
    // In two pieces, so that the first is kept where the cut line will be.
    ["C", "RCPT TO:<root@x.org>"],
    ["C", "\r\n"],
    ["S", "250 ok\r\n"],
  ];
  const seen = play({ recipient_no_domain: "detect" }, [...OPEN, ...before, ["C", "RCPT TO:<root", "end"]]);
  expect(seen.findings).toEqual(["recipient_no_domain detect"]);
});

// What the server now takes for data, for a response or for a hello must not be our QUIT.
test.each([219, 220, 221, 299, 300, 334, 354, 399, 400, 550])(
  "QUIT ends a session behind an outstanding command, unless its reply opens something: %i",
  (code) => {
    const seen = play({ private_command: { mode: "prevent", action: "terminate" } }, [
      ...OPEN,
      ["C", "MAIL FROM:<a@x.org>\r\nXADR\r\n"],
      ["S", `${code} so\r\n`],
    ]);
    const opens = code === 220 || (code >= 300 && code < 400);
    expect(seen.toServer).toBe(`EHLO c\r\nMAIL FROM:<a@x.org>\r\n${opens ? "" : "QUIT\r\n"}`);
  },
);

test("a reply that nobody asked for is nobody's: it has no verb, and what comes after it is counted as before", () => {
  const seen = play({ private_command: "prevent", unsolicited_reply: "detect" }, [
    ...OPEN,
    ["S", "250 stray\r\n"],
    ["C", "XADR\r\n"],
    ["S", "250 nothing\r\n"],
  ]);
  expect(seen.findings).toEqual(["unsolicited_reply detect", "private_command reject"]);
  expect(seen.toServer).toBe("EHLO c\r\nNOOP\r\n");
  expect(seen.toClient).toMatch(/\r\n250 stray\r\n502 5\.5\.1 private_command: rejected by policy\r\n$/);
});
