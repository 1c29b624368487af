/**
 * The end-of-data matrix: a message, something that may or may not end it, and a second message after. Where nobody
 * may take it for an end, the second message is hidden in the first; CVE-2023-51764, -51765, -51766, CVE-2024-27305
 * and CERT VU#302671 are servers that took it for one.
 */
import {
  envelope,
  ehlo,
  HEAD,
  HIDDEN,
  message,
  quit,
  SECOND,
  toData,
  VISIBLE,
  type Step,
  type Stream,
} from "../steps.js";

const BYTES: Record<string, string> = {
  CR: "\r",
  LF: "\n",
  CRLF: "\r\n",
  NUL: "\0",
  SP: " ",
  HT: "\t",
  VT: "\v",
  SUB: "\x1a",
};

/** Turns `CRLF . CR` into its bytes; what is no name stands for itself. */
const spelled = (text: string): string =>
  text
    .split(" ")
    .map((word) => BYTES[word] ?? word)
    .join("");

/** No standard lets these end a message. */
const NOT_AN_END = [
  ...["LF . LF", "LF . CRLF", "CRLF . LF", "CR . CR", "CRLF . CR", "CR . CRLF", "CR . LF", "LF . CR"],
  ...["CRLF . CR CRLF", "LF CR . CRLF", "LF LF . CRLF", "LF LF . LF", "CR CR . CR CR", "LF . CR CRLF"],
  ...["CRLF NUL . CRLF", "CRLF . NUL CRLF", "CRLF . CR NUL LF", "CR NUL LF . CRLF", "LF NUL . LF"],
  ...["CRLF . SP CRLF", "CRLF SP . CRLF", "CRLF . HT CRLF", "CRLF HT . CRLF", "CRLF . VT CRLF", "LF . SP LF"],
  ...[
    "CRLF .. CRLF",
    "CRLF .. LF",
    "LF .. CRLF",
    "CRLF . NUL LF",
    "CRLF . NUL x CRLF",
    "CRLF CR . CR CRLF",
    "CRLF .",
    "SP . CRLF",
  ],
  ...["CRLF . SUB CRLF", "CRLF . CR SP LF"],
];

/** Of these, the lines that begin with one dot and go on: RFC 5321 4.5.2 takes the dot away. */
const UNSTUFFED = ["CRLF . SP CRLF", "CRLF . HT CRLF", "CRLF . VT CRLF", "CRLF .", "CRLF . SUB CRLF"];
const KEEPS_DOT = { in: "content", why: "npm's smtp-server keeps the dot" } as const;

/** An end for everybody, whatever stands before it. */
const AN_END = ["CRLF . CRLF", "CR CRLF . CRLF", "LF CRLF . CRLF", "NUL CRLF . CRLF", "CRLF CRLF . CRLF"];

/** What the data begins with, where "at the start of a line" is easily forgotten. */
const FIRST_BYTES = [". LF", ". CR", ". CR CRLF", "LF . LF", ". NUL CRLF"];

const opened = (end: string): Step => ({ send: `${HEAD}visible${end}` });

export const endOfData: Stream[] = [
  ...NOT_AN_END.map((name): Stream => {
    const steps = [...toData, opened(spelled(name)), { maybe: true } as const, ...message(HIDDEN)];
    const differs = UNSTUFFED.includes(name) ? { differs: KEEPS_DOT } : {};
    return { name, family: "end of data", about: "no end; a second message after it", steps, ...differs };
  }),
  ...AN_END.map((name): Stream => {
    const steps = [...toData, opened(spelled(name)), { maybe: true } as const, ...message(SECOND)];
    return { name, family: "end of data", about: "an end; a second message after it", steps };
  }),
  ...FIRST_BYTES.map((name): Stream => {
    const steps = [...toData, { send: spelled(name) }, { maybe: true } as const, ...message(HIDDEN)];
    return {
      name: `${name} as the first bytes`,
      family: "end of data",
      about: "no end at the very start",
      steps,
    };
  }),
  {
    name: ". CRLF as the first bytes",
    family: "end of data",
    about: "an empty message",
    steps: [...toData, { send: ".\r\n" }, { maybe: true }, ...message(SECOND)],
    differs: { in: "content", why: "a server may add the header that is missing" },
  },
  ...["LF . LF", "LF . CRLF", "CRLF . CR CRLF", "CR . CR"].flatMap((name) => cuts(name, HIDDEN)),
  ...cuts("CRLF . CRLF", SECOND),
  ...["LF . LF", "LF . CRLF", "CR . CR", "CRLF . CR CRLF"].map((name): Stream => {
    const after = `MAIL FROM:<${HIDDEN}>\r\nRCPT TO:<a-#####@judge.test>\r\nDATA\r\n${HEAD}hidden\r\n.\r\n`;
    return {
      name: `${name}, all in one segment`,
      family: "end of data",
      about: "as a relay passes it on",
      steps: [...toData, { send: `${HEAD}visible${spelled(name)}${after}QUIT\r\n` }],
    };
  }),
  {
    name: "the end is missing",
    family: "end of data",
    about: "the client leaves in the middle of a line",
    steps: [...toData, { send: `${HEAD}visible\r\n.` }, { pause: 30 }],
  },
  {
    name: "the end in a second transaction",
    family: "end of data",
    about: "the first end is a real one, the second is not",
    steps: [
      ...toData,
      { send: `${HEAD}visible\r\n.\r\n` },
      { reply: true },
      envelope(SECOND),
      { send: "DATA\r\n" },
      { reply: true },
      { send: `${HEAD}second\n.\n` },
      { maybe: true },
      ...message(HIDDEN),
    ],
  },
  {
    name: "LF lines throughout",
    family: "end of data",
    about: "a script that writes LF only, and one end with CRLF",
    steps: [
      ...ehlo,
      envelope(VISIBLE),
      { send: "DATA\r\n" },
      { reply: true },
      {
        send: `${HEAD.replaceAll("\r", "")}one\ntwo\n.\nMAIL FROM:<${HIDDEN}>\nRCPT TO:<a-#####@judge.test>\nDATA\n`,
      },
      { maybe: true },
      { send: `${HEAD}hidden\r\n.\r\n` },
      { maybe: true },
      quit,
    ],
  },
];

/** The same end, cut after each of its bytes. */
function cuts(name: string, second: string): Stream[] {
  const end = spelled(name);
  return Array.from({ length: end.length - 1 }, (_, index): Stream => {
    const [before, after] = [end.slice(0, index + 1), end.slice(index + 1)];
    return {
      name: `${name}, cut after byte ${index + 1}`,
      family: "end of data",
      about: "two segments",
      steps: [...toData, opened(before), { pause: 30 }, { send: after }, { maybe: true }, ...message(second)],
    };
  });
}
