/** A policy as lint sees it: the filter's own verdict, then what no schema can say. */
import { LIMITS } from "../../assembly/policy/fields.js";
import { PAGES } from "../pages/generated-pages.js";
import { modeUnder, type Page } from "../pages/page.js";
import type { Problem } from "./problem.js";
import { readRefusal } from "./refusal.js";

/** Asks the shipped filter about a policy. @returns its refusal, null when it takes it */
export type Judge = (policy: Uint8Array) => string | null;

/** A policy somewhere in a file. */
export interface PolicyText {
  bytes: Uint8Array;
  /** Where in the file the byte with this index stands, the index behind the last one included. */
  at(byte: number): number;
}

/** The policy of a whole file. */
export function wholeFile(bytes: Uint8Array): PolicyText {
  return { bytes, at: (byte) => decode(bytes.subarray(0, byte)).length };
}

/** A policy from text whose characters stand at `offsets` in the file; one more offset for the text's end. */
export function mappedText(text: string, offsets: readonly number[]): PolicyText {
  const bytes = new TextEncoder().encode(text);
  return {
    bytes,
    at: (byte) => offsets[Math.min(decode(bytes.subarray(0, byte)).length, text.length)] ?? 0,
  };
}

/** Everything that is wrong with the policy. */
export function policyProblems(policy: PolicyText, judge: Judge): Problem[] {
  const refused = judge(policy.bytes);
  if (refused === null) return starttlsAdvice(policy);
  const { offset, what, fix } = readRefusal(refused);
  return [{ offset: policy.at(offset), level: "error", what, fix }];
}

/** `limits.<key>` as the policy has it, or its default; the policy must be one that the filter takes. */
export function limitOf(policy: PolicyText, key: string): number {
  const initial = LIMITS.find((field) => field.key === key)?.initial ?? 0;
  return parsed(policy).limits?.[key] ?? initial;
}

/**
 * Behind STARTTLS the filter sees nothing. That `recommended` tells of STARTTLS and prevents other things is its known
 * compromise, worth a note; whoever goes further, or turns even the telling off, is warned.
 */
function starttlsAdvice(policy: PolicyText): Problem[] {
  const modes = effectiveModes(parsed(policy));
  const starttls = modes.get("starttls_command");
  if (starttls === "prevent") return [];
  const hidden = PAGES.filter((page) => seesContent(page) && modes.get(page.id) === "prevent");
  const further = starttls === "off" ? hidden : hidden.filter((page) => page.modes.recommended !== "prevent");
  const said = further.length > 0 ? further : hidden;
  if (said.length === 0) return [];
  const text = decode(policy.bytes);
  const key =
    ['"starttls_command"', '"profile"'].map((each) => text.indexOf(each)).find((at) => at >= 0) ?? 0;
  const names = said.length > 3 ? `${said.length} protections` : said.map(({ id }) => id).join(", ");
  return [
    {
      offset: policy.at(new TextEncoder().encode(text.slice(0, key)).length),
      level: further.length > 0 ? "warning" : "note",
      what: `STARTTLS is allowed (starttls_command: ${starttls}) while ${names} prevent${said.length > 1 ? "" : "s"}: a client that asks for TLS escapes`,
      fix: 'set "starttls_command": "prevent", which hides STARTTLS, and terminate TLS in the listener',
    },
  ];
}

const seesContent = ({ family }: Page): boolean => family !== "greeting" && family !== "encryption";

/** The parts of a policy that are looked at here; the filter has checked their types. */
interface ParsedPolicy {
  profile?: string;
  protections?: Record<string, string | { mode?: string }>;
  limits?: Record<string, number>;
}

/** No bytes at all are a policy too. */
function parsed(policy: PolicyText): ParsedPolicy {
  const text = decode(policy.bytes);
  return text === "" ? {} : (JSON.parse(text) as ParsedPolicy);
}

function effectiveModes({ profile, protections = {} }: ParsedPolicy): Map<string, string> {
  return new Map(
    PAGES.map((page) => {
      const own = protections[page.id];
      const mode = typeof own === "object" ? own.mode : own;
      return [page.id, mode ?? modeUnder(profile, page)];
    }),
  );
}

const decode = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
