/** BDAT (RFC 3030): sizes that are written oddly, and payload that would be commands if the size were lost. */
import {
  each,
  ehlo,
  envelope,
  HEAD,
  HIDDEN,
  MAIL,
  message,
  quit,
  RCPT,
  SECOND,
  type Stream,
} from "../steps.js";

const TEXT = `${HEAD}visible\r\n`;
/** Payload that is a message in its own right for a server that takes it for commands. */
const LOADED = `${HEAD}x\r\nRSET\r\nMAIL FROM:<${HIDDEN}>\r\n${RCPT}DATA\r\n${HEAD}hidden\r\n.\r\n`;

function chunks(name: string, about: string, segments: string[], more: Partial<Stream> = {}): Stream {
  return {
    name,
    family: "BDAT",
    about,
    needs: ["CHUNKING"],
    steps: [...ehlo, envelope(), ...each(...segments), quit],
    ...more,
  };
}

/** One chunk of `LOADED` whose command line is spelled as given; `N` stands for the true size. */
function sized(spelling: string, about: string): Stream {
  const line = spelling.replace("N", String(LOADED.length));
  const shown = JSON.stringify(spelling).slice(1, -1);
  return chunks(shown, about, [`${line}\r\n${LOADED}`]);
}

/** A size that is `true size + wraps`: who counts in fewer bits is done with the chunk long before it is over. */
function wrapped(bits: number): Stream {
  const size = 2n ** BigInt(bits) + BigInt(TEXT.length);
  return {
    name: `BDAT 2^${bits} + N LAST`,
    family: "BDAT",
    about: `N for who counts in ${bits} bits, and a second message where the chunk still goes on`,
    needs: ["CHUNKING"],
    steps: [
      ...ehlo,
      envelope(),
      { send: `BDAT ${size} LAST\r\n${TEXT}` },
      { maybe: true },
      ...message(HIDDEN),
    ],
  };
}

/** The same in one segment: after the first N octets stands `after`, which would be commands. */
function wrappedWith(bits: number, what: string, after: string): Stream {
  const size = 2n ** BigInt(bits) + BigInt(TEXT.length);
  return chunks(
    `BDAT 2^${bits} + N LAST with ${what} in one segment`,
    `who counts in ${bits} bits reads commands`,
    [`BDAT ${size} LAST\r\n${TEXT}${after}`],
  );
}

const HIDDEN_ENVELOPE = `MAIL FROM:<${HIDDEN}>\r\n${RCPT}`;
const HIDDEN_BDAT = `${HIDDEN_ENVELOPE}BDAT ${TEXT.length} LAST\r\n${TEXT}`;
const HIDDEN_DATA = `${HIDDEN_ENVELOPE}DATA\r\n${HEAD}hidden\r\n.\r\n`;

export const bdat: Stream[] = [
  chunks("BDAT N LAST", "payload full of commands, size correct", [
    `BDAT ${LOADED.length} LAST\r\n${LOADED}`,
  ]),
  chunks("bdat N last", "case does not matter", [`bdat ${LOADED.length} last\r\n${LOADED}`]),
  sized("BDAT +N LAST", "a sign"),
  sized("BDAT -N LAST", "negative"),
  sized("BDAT -1 LAST", "negative, wraps to everything"),
  sized("BDAT 0xN LAST", "hexadecimal"),
  sized("BDAT 0 0 LAST", "two sizes"),
  sized("BDAT 000N LAST", "leading zeros"),
  sized("BDAT  N LAST", "two spaces"),
  sized("BDAT\tN LAST", "a tab"),
  sized("BDAT N\tLAST", "a tab before LAST"),
  sized("BDAT N  LAST", "two spaces before LAST"),
  sized("BDAT N LAST ", "a space after LAST"),
  sized("BDAT N LASTX", "LAST is not a prefix"),
  sized("BDAT NLAST", "no space before LAST"),
  sized("BDAT N LAST LAST", "twice"),
  sized("BDAT N, LAST", "a comma"),
  sized("BDAT N.0 LAST", "a fraction"),
  sized("BDAT NL LAST", "a suffix of C"),
  sized("BDAT 1e3 LAST", "an exponent"),
  sized("BDAT", "no size"),
  sized("BDAT LAST", "no size but LAST"),
  sized("BDAT LAST N", "the wrong way round"),
  sized("BDAT 4294967296 LAST", "2^32: zero in 32 bits"),
  sized("BDAT 18446744073709551616 LAST", "2^64: zero in 64 bits"),
  sized("BDAT 9223372036854775808 LAST", "2^63: negative in 64 bits"),
  sized("BDAT 99999999999999999999999 LAST", "23 digits"),
  sized("BDAT 2147483647 LAST", "2^31 - 1: the largest that nobody misreads"),
  sized("BDAT 2147483648 LAST", "2^31: negative in 32 bits"),
  sized("BDAT 4294967295 LAST", "2^32 - 1: -1 in 32 bits"),
  ...[31, 32, 33, 40, 63, 64].map(wrapped),
  ...[31, 32, 33, 40, 63].map((bits) => wrappedWith(bits, "a hidden BDAT", HIDDEN_BDAT)),
  ...[32, 40].map((bits) => wrappedWith(bits, "a hidden DATA", HIDDEN_DATA)),
  sized("BDAT 0 LAST", "an empty last chunk, then commands"),
  chunks("BDAT N without a recipient", "refused, and yet the payload is payload", [], {
    steps: [...ehlo, { send: `BDAT ${LOADED.length} LAST\r\n${LOADED}` }, { maybe: true }, quit],
  }),
  chunks("BDAT, then DATA", "RFC 3030: not both", [
    `BDAT ${TEXT.length}\r\n${TEXT}`,
    "DATA\r\n",
    `second\r\n.\r\n`,
  ]),
  chunks("BDAT after LAST", "the message is over", [
    `BDAT ${TEXT.length} LAST\r\n${TEXT}`,
    `BDAT ${LOADED.length} LAST\r\n${LOADED}`,
  ]),
  chunks("three chunks, the middle one loaded", "commands in the payload", [
    `BDAT ${TEXT.length}\r\n${TEXT}`,
    `BDAT ${LOADED.length}\r\n${LOADED}`,
    "BDAT 0 LAST\r\n",
  ]),
  chunks("dots and line ends in a chunk", "nothing in it ends anything", [
    `BDAT ${TEXT.length + 10} LAST\r\n${TEXT}\r\n.\r\nx\n.\n`,
  ]),
  chunks("a chunk that ends between CR and LF", "the next chunk begins with LF", [
    `BDAT ${TEXT.length - 1}\r\n${TEXT.slice(0, -1)}`,
    "BDAT 1 LAST\r\n\n",
  ]),
  chunks("BDAT ended by LF", "where does the payload begin?", [`BDAT ${LOADED.length} LAST\n${LOADED}`]),
  chunks("BDAT with NUL after the size", "strtol stops there", [`BDAT ${LOADED.length}\0 LAST\r\n${LOADED}`]),
  {
    name: "BDAT under HELO",
    family: "BDAT",
    needs: ["CHUNKING"],
    about: "CHUNKING was not offered",
    steps: [
      { reply: true },
      { send: "HELO client.test\r\n" },
      { reply: true },
      { send: MAIL },
      { reply: true },
      { send: RCPT },
      { reply: true },
      { send: `BDAT ${LOADED.length} LAST\r\n${LOADED}` },
      { maybe: true },
      quit,
    ],
  },
  {
    name: "a pipelined mail after BDAT LAST",
    family: "BDAT",
    about: "the benign twin: the group after is a second message",
    needs: ["CHUNKING", "PIPELINING"],
    steps: [
      ...ehlo,
      envelope(),
      {
        send: `BDAT ${TEXT.length} LAST\r\n${TEXT}MAIL FROM:<${SECOND}>\r\n${RCPT}BDAT ${TEXT.length} LAST\r\n${TEXT}`,
      },
      { reply: true },
      { reply: true },
      { reply: true },
      { reply: true },
      quit,
    ],
  },
];
