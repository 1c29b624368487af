/** The policies that are fuzzed, all in one VM as with several listeners. Corpus files use their names. */
import type { Side } from "../host/tls.js";
import { PAGES } from "../pages/generated-pages.js";

export interface FuzzPolicy {
  readonly name: string;
  readonly json: string;
  /** Everything is only detected: nothing may be changed (CONTRIBUTING.md, law 1). */
  readonly watches: boolean;
  /** What reaches the server must have a single meaning (CONTRIBUTING.md, law 5). */
  readonly oneReading: boolean;
  /** Longest reply of a server, bytes. */
  readonly replyBytes: number;
  /** The policy's "starttls"; null when it has none. */
  readonly starttls: StartTls | null;
  /** The sides on which TLS can begin. */
  readonly switches: readonly Side[];
  /** The client speaks TLS from the start, as on port 465. */
  readonly listensInTls: boolean;
}

/** A policy's "starttls". */
export interface StartTls {
  readonly terminate?: boolean;
  readonly originate?: "offered" | "always";
  readonly require?: "auth" | "mail";
}

/** `limits.reply_bytes` if a policy does not set it. */
const REPLY_BYTES = 65_536;

const BOTH: readonly Side[] = ["client", "server"];

interface Rest {
  protections?: Record<string, unknown>;
  limits?: Record<string, number>;
  excerpt?: string;
  addresses?: string;
  starttls?: StartTls;
  /** Rules of the operator's own. */
  rules?: object;
  /** What is judged too, and never acted on. */
  shadow?: object;
  /** Both by default where there is a "starttls". */
  switches?: readonly Side[];
  listensInTls?: boolean;
}

function policy(name: string, profile: string, rest: Rest = {}): FuzzPolicy {
  const json = {
    stat_prefix: name,
    profile,
    protections: rest.protections ?? {},
    limits: rest.limits ?? {},
    ...(rest.starttls && { starttls: rest.starttls }),
    ...rest.rules,
    ...(rest.shadow && { shadow: rest.shadow }),
    // As many as the policy allows: a suppressed event would hide a difference.
    events: { max_per_second: 10_000, excerpt: rest.excerpt ?? "full", addresses: rest.addresses ?? "full" },
  };
  return {
    name,
    json: JSON.stringify(json),
    watches: profile === "monitor" && rest.protections === undefined && rest.starttls === undefined,
    oneReading: profile === "strict" && rest.protections === undefined,
    replyBytes: rest.limits?.["reply_bytes"] ?? REPLY_BYTES,
    starttls: rest.starttls ?? null,
    switches: rest.starttls === undefined ? [] : (rest.switches ?? BOTH),
    listensInTls: rest.listensInTls ?? false,
  };
}

/** Every `step`th protection prevents, the others detect. */
function every(step: number, first: number): Record<string, string> {
  const ids = PAGES.map(({ id }) => id).filter((_, index) => index % step === first);
  return Object.fromEntries(ids.map((id) => [id, "prevent"]));
}

/** Small enough for the fuzzer to reach often. */
const SMALL = { command_line_bytes: 512, reply_bytes: 512, held_bytes: 4096, pending_commands: 100 };

/** Every protection that can end the session does. */
const terminating = Object.fromEntries(
  PAGES.filter(({ actions }) => actions.includes("terminate")).map(({ id }) => [
    id,
    { mode: "prevent", action: "terminate" },
  ]),
);

/** Every option that the others do not use. */
const OPTIONS = {
  private_command: { mode: "prevent", allow: ["XADR", "x-a"], exempt_sources: ["192.0.2.0/28", "::1"] },
  exchange_command: { extended: false, allow: ["XEXCH50"], reasons: { exchange_verb: "detect" } },
  recipient_no_domain: { require_fqdn: true, action: "terminate", exempt_sources: ["2001:db8::/32"] },
  non_compliant_smtp: { empty_line: true, action: "reject" },
  starttls_command: { mode: "prevent", action: "reject" },
  trust_command: { mode: "prevent", allow: ["XFORWARD"] },
  command_out_of_sequence: { mode: "prevent", require_auth: true },
};

/** What few real clients go beyond. */
const ALLOWED = {
  commands: { allow: ["EHLO", "HELO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "AUTH", "BDAT"] },
  ehlo_keywords: { allow: ["SIZE", "8BITMIME", "PIPELINING", "CHUNKING"] },
};

export const POLICIES: readonly FuzzPolicy[] = [
  policy("monitor", "monitor"),
  policy("recommended", "recommended"),
  policy("strict", "strict"),
  policy("monitor_small", "monitor", {
    limits: SMALL,
    excerpt: "masked",
    addresses: "hashed",
    shadow: { profile: "strict", protections: OPTIONS, limits: { pending_commands: 101 } },
  }),
  policy("strict_small", "strict", { limits: SMALL, excerpt: "masked", addresses: "domain" }),
  policy("mixed_0", "monitor", { protections: every(3, 0) }),
  policy("mixed_1", "monitor", { protections: every(3, 1), shadow: { protections: every(3, 0) } }),
  policy("mixed_2", "monitor", { protections: every(3, 2) }),
  policy("one", "monitor", {
    protections: { private_command: "prevent" },
    limits: SMALL,
    shadow: { profile: "strict", limits: { rejected_commands: 1 } },
  }),
  policy("terminating", "strict", { protections: terminating }),
  policy("options", "recommended", {
    protections: OPTIONS,
    excerpt: "none",
    shadow: { profile: "strict", protections: terminating, exempt_sources: ["2001:db8::/32"] },
  }),
  policy("tls_mx", "recommended", { starttls: { terminate: true, originate: "offered" } }),
  policy("tls_strict", "strict", { starttls: { terminate: true, originate: "always", require: "mail" } }),
  policy("tls_detect", "monitor", {
    starttls: { terminate: true, require: "auth" },
    limits: SMALL,
    shadow: { profile: "strict" },
  }),
  policy("tls_egress", "strict", { starttls: { originate: "always" }, limits: SMALL }),
  policy("tls_465", "recommended", {
    starttls: { terminate: true, originate: "offered", require: "auth" },
    listensInTls: true,
  }),
  policy("tls_no_switch", "recommended", {
    starttls: { terminate: true, originate: "offered", require: "mail" },
    switches: [],
  }),
  policy("rules_detect", "monitor", { rules: ALLOWED }),
  policy("rules_allow", "strict", { rules: ALLOWED }),
  policy("rules_deny", "recommended", {
    rules: {
      commands: { deny: ["VRFY", "NOOP", "XEXCH50", "XADR"], reply: "450 4.7.1 Later" },
      ehlo_keywords: { deny: ["CHUNKING", "PIPELINING", "SIZE", "AUTH", "STARTTLS"] },
    },
    limits: SMALL,
  }),
];
