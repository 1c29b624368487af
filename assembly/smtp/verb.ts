/**
 * The verbs whose meaning moves the session or that a protection names. All others are `other`, or `x_other` when
 * they start with X (RFC 5321 4.1.5).
 */
export const enum Verb {
  none,
  /** A line of only its end. */
  empty,
  /** Not a verb by grammar. */
  invalid,
  other,
  x_other,
  helo,
  ehlo,
  mail,
  rcpt,
  data,
  rset,
  noop,
  quit,
  vrfy,
  expn,
  help,
  auth,
  starttls,
  bdat,
  etrn,
  atrn,
  turn,
  burl,
  /** LMTP (RFC 2033). */
  lhlo,
  xexch50,
  x_link2state,
  x_exps,
  x_anonymoustls,
  xshadow,
  xshadowrequest,
  xqdiscard,
  xsessionparams,
  rcpt2,
  xproxy,
  xproxyfrom,
  xproxyto,
  xclient,
  xforward,
  /** Not a line of the client: one response inside an AUTH exchange. */
  auth_response,
  /** Not a line of the client: the end of a message, which gets a reply of its own. */
  end_of_data,
  /** Not a line of the client: the end of XEXCH50's payload. */
  payload,
  count,
}
