/** The lists of a policy in its schema: verbs and networks. */
import { NETWORKS_MOST, VERB_LENGTH, VERBS_MOST } from "../../assembly/policy/fields.js";

/** A schema or a part of one. */
export type Schema = { readonly [key: string]: unknown };

/** What IPv6address may be (RFC 3986 3.2.2), without the brackets. */
function ipv6Pattern(): string {
  const group = "[0-9A-Fa-f]{1,4}";
  const lastTwo = `(${group}:${group}|${IPV4})`;
  const forms = [`(${group}:){6}${lastTwo}`];
  // "::" stands for one group at least, so at most seven are written.
  for (let left = 0; left <= 7; left++) {
    const before = left === 0 ? "" : `((${group}:){0,${left - 1}}${group})?`;
    const after = left === 7 ? "" : left === 6 ? group : `(${group}:){${5 - left}}${lastTwo}`;
    forms.push(`${before}::${after}`);
  }
  return `(${forms.join("|")})`;
}

const OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const IPV4 = `${OCTET}(\\.${OCTET}){3}`;
const NETWORK = `^(${IPV4}(/(3[0-2]|[12]?[0-9]))?|${ipv6Pattern()}(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?)$`;

export const VERBS: Schema = {
  description: "Verbs, upper and lower case being the same.",
  type: "array",
  maxItems: VERBS_MOST,
  items: { type: "string", pattern: `^[A-Za-z0-9-]{1,${VERB_LENGTH}}$` },
};

export const NETWORKS: Schema = {
  description:
    "Clients that the protection leaves alone: IPv4 and IPv6 addresses and networks, as source.address has them.",
  type: "array",
  maxItems: NETWORKS_MOST,
  items: { type: "string", pattern: NETWORK, examples: ["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"] },
};

export const EXEMPT_SOURCES: Schema = {
  ...NETWORKS,
  description:
    "Clients that every protection leaves alone: IPv4 and IPv6 addresses and networks, as source.address has them.",
};

export const TRUSTED_SOURCES: Schema = {
  ...NETWORKS,
  description:
    "Clients for which every protection at most detects, trust_command is off, and that no memory across connections counts or refuses. exempt_sources are not even judged.",
};
