/** Writes `envoy/policy.json`: the policy in which every default is written out. */
import { ADDRESS_KEY, EVENTS_PER_SECOND, LIMITS } from "../../assembly/policy/fields.js";
import type { Page } from "./page.js";

/** The keys that no profile and no protection decides, with their defaults. */
export function defaults(): object {
  return {
    limits: Object.fromEntries(LIMITS.map(({ key, initial }) => [key, initial])),
    events: {
      [EVENTS_PER_SECOND.key]: EVENTS_PER_SECOND.initial,
      excerpt: "masked",
      addresses: "full",
      address_key: ADDRESS_KEY,
    },
    exempt_sources: [],
    trusted_sources: [],
  };
}

/** The policy's text. */
export function policyText(pages: readonly Page[]): string {
  const policy = {
    stat_prefix: "default",
    profile: "recommended",
    protections: Object.fromEntries(pages.map((page) => [page.id, protection(page)])),
    ...defaults(),
  };
  return JSON.stringify(policy, null, 2) + "\n";
}

function protection({ modes, actions, options }: Page): object {
  return {
    mode: modes.recommended,
    action: actions[0],
    exempt_sources: [],
    ...Object.fromEntries(options.map(({ key, initial }) => [key, initial])),
  };
}
