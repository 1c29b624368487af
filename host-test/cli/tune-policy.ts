/** A policy that is relaxed as little as the causes demand. Pure. */
import { PAGES } from "../pages/generated-pages.js";
import { modeUnder, type Page } from "../pages/page.js";
import { isProfile, type ModeName, MODES, type ProfileName } from "../pages/words.js";
import type { Cause, Causes } from "./tune-causes.js";

type Json = Record<string, unknown>;

/** What is done about the causes of one protection. */
export interface Relaxed {
  id: string;
  /** The protection as the new policy has it. */
  value: unknown;
  /** Reasons that are no longer prevented, from every source. */
  detected: string[];
  /** Sources that are exempt now. */
  exempted: string[];
  causes: Cause[];
  /** Reasons that no log of such a policy has: whether they occur is not known. */
  unseen: string[];
}

/** A policy that prevents less. */
export interface Tuned {
  json: Json;
  relaxed: Relaxed[];
  /** Protections that still prevent, and of them those of which some reasons no longer do. */
  prevented: string[];
  partly: string[];
  /** Sessions that no policy can read that prevents anything: their sources are exempt from all of it. */
  exempted: string[];
  /** Why nothing is prevented at all; empty where something is. */
  unreadable: Cause[];
}

/** As many sources may cause something before it is taken for usual. */
const FEW = 2;

/** The server causes these, or what the server is: an exemption by the client's address would be by chance. */
const OF_SERVER = new Set(["starttls_reply_injection", "starttls_unavailable", "ehlo_reply_masked"]);
const isOfServer = ({ id, family }: Page): boolean =>
  OF_SERVER.has(id) || ((family === "greeting" || family === "replies") && id !== "client_talks_first");

/** A policy as it is written, and what it means. */
export class WrittenPolicy {
  readonly #json: Json;
  readonly #protections: Json;

  /** @param text JSON that the filter accepts */
  constructor(text: string) {
    this.#json = (text.trim() === "" ? {} : JSON.parse(text)) as Json;
    this.#protections = (this.#json["protections"] ?? {}) as Json;
  }

  /** What the policy does about a reason; `undefined` for a reason that no page has. */
  modeOf(id: string, reason: string): ModeName | undefined {
    const page = PAGES.find((each) => each.id === id);
    const facts = page?.reasons.find((each) => each.id === reason);
    if (page === undefined || facts === undefined) return undefined;
    const named = (this.#value(id)["reasons"] ?? {}) as Json;
    const most = (named[reason] as ModeName | undefined) ?? facts.modes[this.#profile()];
    return weaker(most, this.#protectionMode(page));
  }

  /** The same policy with nothing prevented: it looks at all that the policy looks at and changes nothing. */
  watching(): string {
    return this.judged(this.#watching(this.#json));
  }

  #watching(json: Json): Json {
    const before = (json["protections"] ?? {}) as Json;
    const entries = PAGES.filter((page) => this.#protectionMode(page) === "prevent").map((page) => {
      const value = objectOf(before[page.id]);
      const isPlain = Object.keys(value).every((key) => key === "mode");
      return [page.id, isPlain ? "detect" : { ...value, mode: "detect" }];
    });
    return { ...json, protections: { ...before, ...Object.fromEntries(entries) } };
  }

  /** The policy as it is judged here: without a second policy in its shadow, whose events are not about what is done. */
  judged(json: Json = this.#json): string {
    return JSON.stringify({ ...json, shadow: undefined });
  }

  /**
   * The policy that no longer prevents what the causes name, and else prevents what this one does.
   * @param unseen reasons of which the traffic would not show whether they occur, as "id/reason"
   * @param forced what ended a session although its reason was not prevented: as long as a policy prevents anything,
   * nothing passes unread
   */
  without(causes: Causes, unseen: ReadonlySet<string>, forced: Causes): Tuned {
    const relaxed = PAGES.flatMap((page) => this.#relax(page, causes, unseen) ?? []);
    const protections = {
      ...this.#protections,
      ...Object.fromEntries(relaxed.map(({ id, value }) => [id, value])),
    };
    const json = relaxed.length === 0 ? this.#json : { ...this.#json, protections };
    const exempted = sourcesOfFew(forced.rows, causes);
    const isLost = forced.rows.length > 0 && exempted.length === 0;
    const end = isLost
      ? this.#watching(json)
      : exempted.length === 0
        ? json
        : { ...json, ...this.#exempting(exempted) };
    const after = new WrittenPolicy(JSON.stringify(end));
    const prevented = PAGES.filter((page) => after.#preventing(page).length > 0);
    const partly = prevented.filter((page) => after.#preventing(page).length < this.#preventing(page).length);
    const names = (pages: readonly Page[]): string[] => pages.map(({ id }) => id);
    const unreadable = isLost ? forced.rows : [];
    return { json: end, relaxed, prevented: names(prevented), partly: names(partly), exempted, unreadable };
  }

  #exempting(sources: readonly string[]): Json {
    return {
      exempt_sources: [...new Set([...((this.#json["exempt_sources"] ?? []) as string[]), ...sources])],
    };
  }

  #relax(page: Page, causes: Causes, unseen: ReadonlySet<string>): Relaxed | null {
    const { id } = page;
    const preventing = this.#preventing(page);
    const mine = causes.rows.filter((row) => row.protection === id && preventing.includes(row.reason));
    const hidden = preventing.filter(
      (reason) => unseen.has(`${id}/${reason}`) && !mine.some((row) => row.reason === reason),
    );
    if (mine.length + hidden.length === 0) return null;
    const few = isOfServer(page) ? [] : mine.filter(isOfFew);
    const exempted = sourcesOfFew(few, causes);
    const isUsual = (row: Cause): boolean => exempted.length === 0 || !few.includes(row);
    const detected = mine.filter(isUsual).map(({ reason }) => reason);
    const off = [...detected, ...hidden];
    const value = this.#relaxed(id, preventing, off, exempted);
    return { id, value, detected, exempted, causes: mine, unseen: hidden };
  }

  /** @param preventing reasons of it that prevent now @param off those that shall no longer */
  #relaxed(id: string, preventing: string[], off: string[], exempted: string[]): unknown {
    const before = this.#value(id);
    const isAll = off.length === preventing.length;
    const reasons = Object.fromEntries(off.map((reason) => [reason, "detect"]));
    const exempts = (before["exempt_sources"] ?? []) as string[];
    const value: Json = {
      ...before,
      ...(isAll ? { mode: "detect" } : {}),
      ...(exempted.length > 0 ? { exempt_sources: [...new Set([...exempts, ...exempted])] } : {}),
      ...(isAll || off.length === 0 ? {} : { reasons: { ...(before["reasons"] as Json), ...reasons } }),
    };
    return Object.keys(value).length === 1 && "mode" in value ? value["mode"] : value;
  }

  #preventing(page: Page): string[] {
    return page.reasons.map(({ id }) => id).filter((reason) => this.modeOf(page.id, reason) === "prevent");
  }

  #profile(): ProfileName {
    const named = this.#json["profile"];
    return typeof named === "string" && isProfile(named) ? named : "recommended";
  }

  #protectionMode(page: Page): ModeName {
    return (this.#value(page.id)["mode"] as ModeName | undefined) ?? modeUnder(this.#profile(), page);
  }

  /** A protection as an object, whichever way it is written. */
  #value(id: string): Json {
    return objectOf(this.#protections[id]);
  }
}

const objectOf = (value: unknown): Json =>
  typeof value === "string" ? { mode: value } : ((value ?? {}) as Json);

/** The one or two sources of all these, where the traffic has others; else none. */
function sourcesOfFew(rows: readonly Cause[], { sources: all }: Causes): string[] {
  if (!rows.every(isOfFew)) return [];
  const sources = new Set(rows.flatMap((row) => [...row.sources]));
  return sources.size > 0 && sources.size <= FEW && all.size > sources.size ? [...sources] : [];
}

const isOfFew = ({ sources, isFromOthers }: Cause): boolean =>
  !isFromOthers && sources.size > 0 && sources.size <= FEW;

const weaker = (one: ModeName, other: ModeName): ModeName =>
  MODES.indexOf(one) < MODES.indexOf(other) ? one : other;
