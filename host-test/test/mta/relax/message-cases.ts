/** Messages and transactions that are too large, which a protection prevents and its page's recipe lets through to Postfix. */
import { MAIL, MESSAGE, RCPT, START, STRICT, type RelaxCase } from "./steps.js";

const LONG_LINE = `Subject: a\r\n\r\n${"b".repeat(65_537)}\r\n`;
const LONG_NAME = `${"N".repeat(65)}: a\r\n\r\nb\r\n`;

export const MESSAGE_CASES: RelaxCase[] = [
  {
    id: "data_line_too_long",
    prevented: STRICT,
    steps: [...MESSAGE, [`${LONG_LINE}.\r\n`, "250"]],
    refusal: "",
    content: { relaxed: LONG_LINE },
  },
  {
    id: "header_too_long",
    prevented: STRICT,
    steps: [...MESSAGE, [`${LONG_NAME}.\r\n`, "250"]],
    refusal: "",
    content: { relaxed: LONG_NAME },
  },
  {
    id: "message_too_large",
    prevented: STRICT,
    // Postfix takes no more either.
    steps: [...START, ["MAIL FROM:<a@example.org> SIZE=2000000000\r\n", "552"]],
    refusal: "552",
  },
  {
    id: "too_many_recipients",
    prevented: STRICT,
    steps: [
      ...[...START, MAIL],
      [RCPT[0].repeat(1000), Array<string>(1000).fill("250").join(" ")],
      // Postfix has the same limit.
      [RCPT[0], "452"],
    ],
    refusal: "452",
  },
];
