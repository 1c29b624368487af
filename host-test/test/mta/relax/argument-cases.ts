/** What stands in the arguments of a command, likewise. */
import { offence } from "../../support/recipes.js";
import { MAIL, START, STRICT, type RelaxCase } from "./steps.js";

export const ARGUMENT_CASES: RelaxCase[] = [
  {
    id: "address_metacharacters",
    steps: [
      ...START,
      MAIL,
      [
        offence(
          "address_metacharacters",
          "The recommended profile rejects two of them and reports others",
          1,
        ),
        "250",
      ],
    ],
    refusal: "550",
  },
  {
    id: "bad_esmtp_parameter",
    steps: [
      ...START,
      [offence("bad_esmtp_parameter", "A parameter that is given twice is rejected in prevent", 1), "250"],
    ],
    refusal: "501",
  },
  {
    id: "bad_path_syntax",
    prevented: STRICT,
    steps: [...START, [offence("bad_path_syntax", "What is no path is rejected in prevent", 1), "501"]],
    refusal: "501",
  },
  {
    id: "path_too_long",
    prevented: STRICT,
    steps: [...START, [offence("path_too_long", "Each part is rejected in prevent", 1), "250"]],
    refusal: "501",
  },
  {
    id: "routed_address",
    prevented: STRICT,
    steps: [...START, [offence("routed_address", "Routes are rejected in prevent", 1), "250"]],
    refusal: "550",
  },
  {
    id: "xlink2state_overflow",
    steps: [
      ...START,
      [
        offence("xlink2state_overflow", "The recommended profile closes the connection, and names both"),
        "500",
      ],
    ],
    refusal: "421",
  },
];
