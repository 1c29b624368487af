/** More of what clients do: verbs beyond those of a mail, whom they say they are, and how they authenticate. */
import { offence } from "../../support/recipes.js";
import { GREETING, START, STRICT, type RelaxCase } from "./steps.js";

export const VERB_CASES: RelaxCase[] = [
  {
    id: "bad_helo_argument",
    prevented: STRICT,
    steps: [GREETING, [offence("bad_helo_argument", "EHLO stays ASCII also with SMTPUTF8", 1), "250"]],
    refusal: "501",
  },
  {
    id: "cleartext_auth",
    prevented: STRICT,
    altered: [["250-SIZE", "250-AUTH LOGIN\r\n250-SIZE"]],
    steps: [...START, [offence("cleartext_auth", "Refused under submission"), "503"]],
    refusal: "538",
  },
  {
    id: "legacy_command",
    prevented: STRICT,
    steps: [
      ...START,
      [offence("legacy_command", "ONEX where the server announces it is refused under strict"), "500"],
    ],
    refusal: "502",
  },
  {
    id: "queue_turn_command",
    steps: [...START, [offence("queue_turn_command", "Roles are not changed under submission"), "500"]],
    refusal: "502",
  },
  {
    id: "recon_command",
    prevented: STRICT,
    steps: [
      ...START,
      [
        offence("recon_command", "Both are refused under strict, before any greeting of the client", 1),
        "500",
      ],
    ],
    refusal: "252",
  },
  {
    id: "trust_command",
    steps: [...START, ["XPROXY SID=7 IP=198.51.100.9\r\n", "500"]],
    refusal: "550",
  },
  {
    id: "unannounced_extension",
    prevented: STRICT,
    also: { cleartext_auth: "off" },
    steps: [...START, [offence("unannounced_extension", "AUTH without an offer"), "503"]],
    refusal: "504",
  },
];
