/**
 * What the generated tables are made of. Their strings are literals of this repository: they may enter statistics names, logs and
 * replies unescaped.
 */
import { Action, Mode, Profile } from "./generated-words";

/** One protection. */
export class ProtectionRow {
  constructor(
    /** Policy key, statistic label, page and source file stem. */
    public readonly id: string,
    /** Its mode in each profile, two bits each; `modeIn` reads them. */
    public readonly modes: i32,
    /** What prevent does unless the policy's `action` says otherwise. */
    public readonly preventAction: Action,
    /** The actions that a policy may choose, as a set of bits `1 << Action`. */
    public readonly allowedActions: i32,
    /** The reply that a rejected command gets: code, enhanced code (RFC 3463). */
    public readonly reply: string,
  ) {}
}

/** One reason of one protection: a word of the filter, never bytes from the wire. */
export class ReasonRow {
  constructor(
    public readonly id: string,
    /** A `Protection`. */
    public readonly protection: i32,
    /** The strongest mode that this reason takes in each profile, however strong its protection's is. */
    public readonly modes: i32,
  ) {}
}

/** The mode that a row's `modes` has for `profile`. */
export function modeIn(modes: i32, profile: Profile): Mode {
  return (modes >> (profile * 2)) & 3;
}
