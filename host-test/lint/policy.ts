/** A policy as lint sees it: the filter's own check, then what no schema can express. */
import { ADDRESS_KEY, LIMITS } from "../../assembly/policy/fields.js";
import { PAGES } from "../pages/generated-pages.js";
import { modeUnder, type Page } from "../pages/page.js";
import { hidesStarttls, type OwnRules, ownRuleAdvice } from "./own-rules.js";
import { partsOf } from "./policy-parts.js";
import type { Problem } from "./problem.js";
import { readRefusal } from "./refusal.js";
import type { StartTls } from "./starttls.js";

/** Checks a policy with the shipped filter. @returns its refusal, null if it is valid */
export type PolicyCheck = (policy: Uint8Array) => string | null;

/** A policy in a file. */
export interface PolicyText {
  bytes: Uint8Array;
  /** The place in the file of the byte with this index; the index after the last byte is allowed. */
  at(byte: number): number;
}

/** The policy of a whole file. */
export function wholeFile(bytes: Uint8Array): PolicyText {
  return { bytes, at: (byte) => decode(bytes.subarray(0, byte)).length };
}

/** A policy from text whose characters are at `offsets` in the file; one more offset for the text's end. */
export function mappedText(text: string, offsets: readonly number[]): PolicyText {
  const bytes = new TextEncoder().encode(text);
  return {
    bytes,
    at: (byte) => offsets[Math.min(decode(bytes.subarray(0, byte)).length, text.length)] ?? 0,
  };
}

/** All problems of the policy. */
export function policyProblems(policy: PolicyText, check: PolicyCheck): Problem[] {
  const refused = check(policy.bytes);
  const advisers = [starttlsAdvice, ruleAdvice, addressAdvice, shadowAdvice];
  if (refused === null) return advisers.flatMap((advice) => advice(policy));
  const { offset, what, fix } = readRefusal(refused);
  return [{ offset: policy.at(offset), level: "error", what, fix }];
}

/** `limits.<key>` of the policy, or its default; the policy must be valid. */
export function limitOf(policy: PolicyText, key: string): number {
  const initial = LIMITS.find((field) => field.key === key)?.initial ?? 0;
  return parsed(policy).limits?.[key] ?? initial;
}

/** `starttls` of the policy, or its defaults; the policy must be valid. */
export function starttlsOf(policy: PolicyText): StartTls {
  return { terminate: false, originate: "never", ...parsed(policy).starttls };
}

/** Where a valid policy sends the sources that it knows: the cluster, the mode of source_abuse, and the key's place; null for nowhere. */
export function quarantineOf(policy: PolicyText): { cluster: string; mode: string; offset: number } | null {
  const live = parsed(policy);
  const own = live.protections?.["source_abuse"];
  const cluster = typeof own === "object" ? own.quarantine_cluster : undefined;
  if (cluster === undefined) return null;
  const text = decode(policy.bytes);
  // A shadow may have the key too, and may come first.
  const places = [...text.matchAll(/"quarantine_cluster"\s*:\s*("[^"]*")/g)];
  const place = places.find(([, value]) => value === JSON.stringify(cluster));
  const mode = effectiveModes(live).get("source_abuse") ?? "off";
  return { cluster, mode, offset: policy.at(bytesBefore(text, place?.index ?? 0)) };
}

/**
 * After STARTTLS that it does not terminate the filter sees nothing. `recommended` lets STARTTLS pass and prevents other things: a known
 * compromise, worth a note. A policy that prevents more gets a warning.
 */
function starttlsAdvice(policy: PolicyText): Problem[] {
  const { shadow, ...live } = parsed(policy);
  const parts = partsOf(decode(policy.bytes));
  const found = starttlsAdviceOn(policy, live, parts.live);
  if (shadow === undefined) return found;
  const ofShadow = starttlsAdviceOn(policy, shadow, parts.shadow, "the shadow: ");
  return [...found, ...ofShadow.filter(({ level }) => level === "warning")];
}

/** @param judged the policy or its shadow @param text where its keys are looked for @param whose words before the advice */
function starttlsAdviceOn(policy: PolicyText, judged: ParsedPolicy, text: string, whose = ""): Problem[] {
  if (starttlsOf(policy).terminate) return [];
  const modes = effectiveModes(judged);
  const starttls = modes.get("starttls_command");
  if (starttls === "prevent" || hidesStarttls(judged, modes)) return [];
  const hidden = PAGES.filter((page) => seesContent(page) && modes.get(page.id) === "prevent");
  const further = hidden.filter((page) => page.modes.recommended !== "prevent");
  const said = further.length > 0 ? further : hidden;
  if (said.length === 0) return [];
  const places = ['"starttls_command"', '"profile"'].map((each) => text.indexOf(each));
  const key = places.find((at) => at >= 0) ?? startOf(text);
  const names = said.length > 3 ? `${said.length} protections` : said.map(({ id }) => id).join(", ");
  return [
    {
      offset: policy.at(bytesBefore(decode(policy.bytes), key)),
      level: further.length > 0 ? "warning" : "note",
      what: `${whose}STARTTLS is allowed (starttls_command: ${starttls}) while ${names} prevent${said.length > 1 ? "" : "s"}: a client that switches to TLS bypasses ${said.length > 1 ? "them" : "it"}`,
      fix: 'set "starttls": { "terminate": true } and see envoy/starttls, or "starttls_command": "prevent", which hides STARTTLS',
    },
  ];
}

/** Rules of the operator's own, of the policy and of its shadow. */
function ruleAdvice(policy: PolicyText): Problem[] {
  const { shadow, ...live } = parsed(policy);
  const whole = decode(policy.bytes);
  const parts = partsOf(whole);
  const { terminate } = starttlsOf(policy);
  const found = ownRuleAdvice(parts.live, live, effectiveModes(live), terminate);
  if (shadow !== undefined) {
    const ofShadow = ownRuleAdvice(parts.shadow, shadow, effectiveModes(shadow), terminate);
    found.push(...ofShadow.map((each) => ({ ...each, what: `the shadow: ${each.what}` })));
  }
  return found.map(({ at, ...problem }) => ({ offset: policy.at(bytesBefore(whole, at)), ...problem }));
}

/** Where what is not blank begins. */
const startOf = (text: string): number => text.length - text.trimStart().length;

/** Bytes of the policy before the character `at`. */
const bytesBefore = (text: string, at: number): number => new TextEncoder().encode(text.slice(0, at)).length;

/** Where a shadow judges as the policy around it does, it only costs. */
function shadowAdvice(policy: PolicyText): Problem[] {
  const around = parsed(policy);
  const { shadow } = around;
  if (shadow === undefined) return [];
  const judging = (each: ParsedPolicy): string =>
    JSON.stringify([
      [...effectiveModes(each)],
      each.protections ?? {},
      SHADOW_LIMITS.map((key) => each.limits?.[key]),
      each.exempt_sources ?? [],
      each.trusted_sources ?? [],
      each.commands ?? {},
      each.ehlo_keywords ?? {},
    ]);
  if (judging(around) !== judging(shadow)) return [];
  const text = decode(policy.bytes);
  return [
    {
      offset: policy.at(bytesBefore(text, startOf(partsOf(text).shadow))),
      level: "warning",
      what: "the shadow judges as the policy around it does: it never has anything to say",
      fix: 'leave "shadow" out, or name in it what is to be tried',
    },
  ];
}

/** Without a secret key a hash is as good as the address to whoever can guess that. */
function addressAdvice(policy: PolicyText): Problem[] {
  const { addresses, address_key: key = ADDRESS_KEY } = parsed(policy).events ?? {};
  if (addresses !== "hashed" || key !== ADDRESS_KEY) return [];
  const text = decode(policy.bytes);
  return [
    {
      offset: policy.at(bytesBefore(text, text.indexOf('"addresses"'))),
      level: "warning",
      what: "addresses are hashed without a secret key: anybody can try addresses until a hash fits",
      fix: 'add "address_key" with 32 hexadecimal digits of your own, such as from "openssl rand -hex 16"',
    },
  ];
}

/** Whether it judges what is said; the others do their work before TLS can begin. */
const seesContent = ({ id, family }: Page): boolean =>
  family !== "greeting" && family !== "encryption" && id !== "source_abuse";

/** The parts of a policy that are checked here; the filter has checked their types. */
interface ParsedPolicy extends OwnRules {
  profile?: string;
  protections?: Record<string, string | { mode?: string; quarantine_cluster?: string }>;
  limits?: Record<string, number>;
  starttls?: Partial<StartTls>;
  events?: { addresses?: string; address_key?: string };
  exempt_sources?: string[];
  trusted_sources?: string[];
  shadow?: ParsedPolicy;
}

const SHADOW_LIMITS = LIMITS.filter(({ isShadows }) => isShadows).map(({ key }) => key);

/** An empty file is a policy too. */
function parsed(policy: PolicyText): ParsedPolicy {
  const text = decode(policy.bytes);
  return text === "" ? {} : (JSON.parse(text) as ParsedPolicy);
}

function effectiveModes({ profile, protections = {}, ...rules }: ParsedPolicy): Map<string, string> {
  return new Map(
    PAGES.map((page) => {
      // Without their rules these find nothing.
      if (page.id === "forbidden_command" && rules.commands === undefined) return [page.id, "off"];
      if (page.id === "forbidden_extension" && rules.ehlo_keywords === undefined) return [page.id, "off"];
      const own = protections[page.id];
      const mode = typeof own === "object" ? own.mode : own;
      return [page.id, mode ?? modeUnder(profile, page)];
    }),
  );
}

const decode = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
