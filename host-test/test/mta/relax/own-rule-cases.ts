/** What a client does that a rule of the operator's own forbids, and the page's recipe lets through to Postfix. */
import { START, type RelaxCase } from "./steps.js";

export const OWN_RULE_CASES: RelaxCase[] = [
  {
    id: "forbidden_command",
    rules: { commands: { deny: ["VRFY"] } },
    steps: [...START, ["VRFY b@example.test\r\n", "252"]],
    refusal: "502",
  },
  {
    id: "forbidden_extension",
    rules: { ehlo_keywords: { deny: ["DSN"] } },
    steps: [...START, ["MAIL FROM:<a@example.org> RET=HDRS\r\n", "250"]],
    refusal: "502",
  },
];
