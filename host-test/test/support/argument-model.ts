/**
 * The arguments of MAIL and RCPT by the grammar of their RFCs, in regular expressions: what the filter's findings are
 * compared with. One character is an octet.
 */

/** Highest lengths in octets that a policy allows. */
export interface Lengths {
  local_part: number;
  domain: number;
  path: number;
}

const ATOMS = "[A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~.]+";
const QUOTED = '"(?:[ !#-\\[\\]-~]|\\\\[ -~])*"';
const LOCAL = `(?:${ATOMS}|${QUOTED})+`;
const DOMAIN = `(?:${ATOMS}|\\[[A-Za-z0-9._:\\-]*\\])`;
const ROUTE = `@${DOMAIN}(?:,@${DOMAIN})*:`;
/** RFC 5321 4.1.2, with dots and atoms wherever servers take them, and MAIL's senders without a domain. */
const PATH = new RegExp(`^<(?:(?<route>${ROUTE})?(?<local>${LOCAL})(?:@(?<domain>${DOMAIN}))?)?>$`);
const DATE_TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:Z|[+-]\\d\\d:\\d\\d)";

/** Of each keyword what follows it. */
const VALUES: Record<string, RegExp> = {
  SIZE: /^=\d{1,20}$/,
  BODY: /^=(?:7BIT|8BITMIME|BINARYMIME)$/i,
  RET: /^=(?:FULL|HDRS)$/i,
  ENVID: /^=.{1,100}$/,
  AUTH: /^=.+$/,
  SMTPUTF8: /^$/,
  REQUIRETLS: /^$/,
  PRDR: /^$/,
  XVERP: /^(?:=..)?$/,
  BY: /^=(?:[+-]?\d{1,9};NT?|\+?(?!0+;)\d{1,9};RT?)$/i,
  HOLDFOR: /^=[1-9]\d{0,8}$/,
  HOLDUNTIL: new RegExp(`^=${DATE_TIME}$`, "i"),
  "MT-PRIORITY": /^=(?:0|-?[1-9])$/,
  NOTIFY: /^=(?:NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY))*)$/i,
  ORCPT: /^=(?=.{1,500}$)[A-Za-z0-9+._-]+;.*$/,
  RRVS: new RegExp(`^=${DATE_TIME}(?:;[CR])?$`, "i"),
};
const OF_RCPT = ["NOTIFY", "ORCPT", "RRVS"];
const IN_XTEXT = ["ENVID", "ORCPT", "AUTH"];
const XTEXT = /^=(?:[!-*,-<>-~]|\+[0-9A-Fa-f]{2})*$/;

/** Whether a path is one. */
export const isPath = (path: string): boolean => PATH.test(path);

/** Whether a path names a recipient: a mailbox with a domain, or the postmaster. */
export const isRecipient = (path: string): boolean =>
  PATH.exec(path)?.groups?.["domain"] !== undefined || /^<postmaster>$/i.test(path);

/** "protection/reason" of all that is found in a path that is one. */
export function foundInPath(verb: "MAIL" | "RCPT", path: string, most: Lengths): string[] {
  const { route, local = "", domain = "" } = PATH.exec(path)?.groups ?? {};
  return [
    ...(local.length > most.local_part ? ["path_too_long/local_part"] : []),
    ...(domain.length > most.domain ? ["path_too_long/domain"] : []),
    ...(path.length > most.path ? ["path_too_long/path"] : []),
    ...metacharacters(local, domain).map((reason) => `address_metacharacters/${reason}`),
    ...(route === undefined ? [] : ["routed_address/source_route"]),
    ...(verb === "RCPT" && domain !== "" ? routes(local).map((reason) => `routed_address/${reason}`) : []),
  ];
}

function metacharacters(local: string, domain: string): string[] {
  const shown = local.replace(/^["\\ ]+/, "");
  const isX400 = /^\/[A-Za-z0-9.:-]+=/.test(shown);
  return [
    ...(/\$\{/.test(`${shown}@${domain}`) ? ["expansion"] : []),
    ...(shown.startsWith("|") ? ["leading_pipe"] : []),
    ...(/\$\(|`.*`/.test(shown) ? ["substitution"] : []),
    ...(shown.includes(";") ? ["separator"] : []),
    ...(shown.slice(1).includes("|") ? ["inner_pipe"] : []),
    ...(shown.startsWith("/") && !isX400 ? ["leading_slash"] : []),
    ...(shown.startsWith("-") ? ["leading_dash"] : []),
  ];
}

function routes(local: string): string[] {
  const quoted = [...local.matchAll(new RegExp(QUOTED, "g"))].join("");
  return [
    ...(local.includes("%") ? ["percent"] : []),
    ...(local.includes("!") ? ["bang"] : []),
    ...(quoted.includes("@") ? ["quoted_at"] : []),
  ];
}

/** "protection/reason" of all that is found in parameters, none of which holds a blank. */
export function foundInParameters(verb: "MAIL" | "RCPT", parameters: readonly string[]): string[] {
  const found = new Set<string>();
  const seen: string[] = [];
  for (const parameter of parameters) {
    const [word = ""] = parameter.split("=", 1);
    const rest = parameter.slice(word.length);
    const keyword = word.toUpperCase();
    const known = VALUES[keyword];
    const isWellFormed =
      /^[A-Za-z0-9][A-Za-z0-9-]*$/.test(word) && (known !== undefined || /^(?:=[!-<>-~]+)?$/.test(rest));
    if (!isWellFormed) found.add("syntax");
    if (known === undefined) continue;
    if (seen.includes(keyword)) found.add("duplicate");
    seen.push(keyword);
    if (OF_RCPT.includes(keyword) !== (verb === "RCPT")) found.add("misplaced");
    if (!known.test(rest)) found.add("value");
    else if (IN_XTEXT.includes(keyword) && !XTEXT.test(rest)) found.add("not_xtext");
  }
  if (seen.includes("HOLDFOR") && seen.includes("HOLDUNTIL")) found.add("duplicate");
  return [...found].map((reason) => `bad_esmtp_parameter/${reason}`);
}
