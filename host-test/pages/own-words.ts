/**
 * The verbs and EHLO keywords that are known, for those who write rules of their own. The filter takes any word; these are
 * suggested, and lint holds mistyped words against them.
 */

/** Those that every server must have (RFC 5321 4.5.1), but QUIT, which always passes. */
export const MINIMUM_VERBS: readonly string[] = [
  "EHLO",
  "HELO",
  "MAIL",
  "RCPT",
  "DATA",
  "RSET",
  "NOOP",
  "VRFY",
];

/** Verbs beside QUIT: RFC 5321, 821 and 2033, extensions, and what Postfix, Exchange, sendmail and Sun's server add. */
export const KNOWN_VERBS: readonly string[] = [
  ...MINIMUM_VERBS,
  ...wordsOf(`EXPN HELP LHLO AUTH STARTTLS BDAT BURL ETRN ATRN TURN SEND SOML SAML VERB ONEX XCLIENT XFORWARD X-EXPS XEXCH50
    X-LINK2STATE X-ANONYMOUSTLS XSHADOW XSHADOWREQUEST XQDISCARD XSESSIONPARAMS RCPT2 XADR XCIR XGEN XSTA XAUTH`),
];

/** Keywords: IANA's registry of SMTP service extensions, and what Postfix, Exim and Exchange add. */
export const KNOWN_KEYWORDS: readonly string[] =
  wordsOf(`8BITMIME ATRN AUTH BINARYMIME BURL CHECKPOINT CHUNKING CONNEG CONPERM
  DELIVERBY DSN ENHANCEDSTATUSCODES ETRN EXPN FUTURERELEASE HELP LIMITS MT-PRIORITY MTRK NO-SOLICITING ONEX PIPELINING REQUIRETLS
  RRVS SAML SEND SIZE SMTPUTF8 SOML STARTTLS SUBMITTER TURN VERB VRFY PIPECONNECT PIPE_CONNECT X_PIPE_CONNECT PRDR XCLIENT
  XFORWARD XVERP X-EXPS XEXCH50 X-LINK2STATE X-ANONYMOUSTLS XRDST XSHADOW XSHADOWREQUEST XOORG X-RCPTLIMIT`);

/** Verbs and parameters that are taken for keywords, with the keyword that announces them. */
export const KEYWORD_OF: ReadonlyMap<string, string> = new Map([
  ["BDAT", "CHUNKING"],
  ["BODY", "8BITMIME"],
  ["RET", "DSN"],
  ["ENVID", "DSN"],
  ["NOTIFY", "DSN"],
  ["ORCPT", "DSN"],
  ["BY", "DELIVERBY"],
  ["HOLDFOR", "FUTURERELEASE"],
  ["HOLDUNTIL", "FUTURERELEASE"],
  ["SOLICIT", "NO-SOLICITING"],
  ["TRANSID", "CHECKPOINT"],
]);

function wordsOf(list: string): string[] {
  return list.trim().split(/\s+/);
}
