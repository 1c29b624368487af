/** Why a protection hit: the `reason` of an event. A closed list of words of ours, never bytes from the wire. */
export const enum Reason {
  none,
  // greetings
  foreign,
  refused,
  no_reply,
  mixed_codes,
  nul,
  too_long,
  // commands
  control,
  eight_bit,
  exchange_verb,
  private_verb,
  starttls,
  no_domain,
  no_mailbox,
  not_qualified,
  // sessions that cannot be read
  verb,
  leading_blank,
  empty,
  line_too_long,
  bdat_size,
  xexch50_size,
  payload_may_follow,
  role_reversal,
  unexpected_354,
  unexpected_334,
  not_tls,
  held_too_long,
  half_closed,
  count,
}

/** The word for `reason`. */
export function reasonName(reason: Reason): string {
  return NAMES[reason];
}

// In the order of `Reason`.
const NAMES: string[] = [
  "",
  "foreign",
  "refused",
  "no_reply",
  "mixed_codes",
  "nul",
  "too_long",
  "control",
  "8bit",
  "exchange_verb",
  "private_verb",
  "starttls",
  "no_domain",
  "no_mailbox",
  "not_qualified",
  "verb",
  "leading_blank",
  "empty",
  "line_too_long",
  "bdat_size",
  "xexch50_size",
  "payload_may_follow",
  "role_reversal",
  "unexpected_354",
  "unexpected_334",
  "not_tls",
  "held_too_long",
  "half_closed",
];
