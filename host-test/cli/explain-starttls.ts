/** What `smtp-inspector explain starttls` says: the one key of a policy that is no protection and changes what is said. */
import { STARTTLS } from "../pages/schema.js";

interface Member {
  description: string;
  type?: string;
  enum?: readonly string[];
  default: unknown;
}

/** The key "starttls" with its members, from the schema. */
export function starttlsText(): string {
  const members = Object.entries(STARTTLS as Record<string, Member>).flatMap(([key, member]) => {
    const words = (member.enum ?? [false, true]).map((word) => JSON.stringify(word)).join(", ");
    return [`  ${key}: ${words}; default ${JSON.stringify(member.default)}`, `    ${member.description}`];
  });
  return `${[
    "starttls",
    "STARTTLS that the filter answers, or asks the server for, so that it reads inside TLS. A key of the policy, no protection.",
    "",
    ...members,
    "",
    "It needs the switch of envoy/starttls in Envoy's filter chain (envoy/starttls/README.md), or --cert, --key and",
    "--upstream-tls of smtp-inspector proxy. See also: starttls_command, starttls_injection, starttls_reply_injection,",
    "starttls_unavailable.",
  ].join("\n")}\n`;
}
