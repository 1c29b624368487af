/** A policy as flat fields: parsed once, read on the data path without a look-up. */
import { CATALOGUE, Mode, modeIn, Protection } from "../protections/catalogue";
import { Reason, REASONS } from "../protections/generated-reasons";
import { Profile } from "../protections/generated-words";
import { Address, CidrList } from "./cidr";
import { EVENTS_PER_SECOND, Limit, LIMITS, Originate, Require } from "./fields";
import { OwnOptions } from "./generated-options";
import { groupOf, routeTo } from "./route";
import { WordRule } from "./word-rule";

export { Originate, Profile, Require };

/** How much of the wire's bytes an event shows. */
export const enum Excerpt {
  masked,
  full,
  none,
}

/** How an event shows a reverse-path and a forward-path. */
export const enum Addresses {
  full,
  /** What is after the "@". */
  domain,
  /** A hash under the policy's key: equal addresses have equal ones. */
  hashed,
  none,
}

/** Which session records are written to the log, beside filter state. */
export const enum Sessions {
  none,
  /** Of sessions with a finding. */
  findings,
  all,
}

/** What a session waits for; from `greeting` on in the order of the limits that end in `_timeout_ms`. */
export const enum Awaited {
  /** The session is not watched. */
  unwatched,
  nothing,
  greeting,
  command,
  reply,
  data_reply,
  data_block,
  end_of_data,
  count,
}

/** `modes` while reading: the policy has not named one. */
const UNSET: u8 = 0xff;

/** Its tables and its statistics, measured: under 8 KiB. */
const FIXED_SIZE: usize = 8192;
/** 24 bytes in an array that grows by doubling. */
const NETWORK_SIZE: usize = 48;

const EMPTY: ArrayBuffer = new ArrayBuffer(0);

@final
export class Policy extends OwnOptions {
  /** Addresses of what goes by it and counts it: an `Inspector`, which keeps it alive, and a `Statistics`. */
  inspector: usize = 0;
  statistics: usize = 0;
  /** Address of what its statistics gather (telemetry/counts.ts). */
  counts: usize = 0;
  statPrefix: string = "default";
  profile: i32 = Profile.recommended;
  /** Per protection its `Mode`. */
  modes: StaticArray<u8> = new StaticArray<u8>(Protection.count);
  /** Per protection the `Action` that prevent takes. */
  actions: StaticArray<u8> = new StaticArray<u8>(Protection.count);
  /** Per reason the `Mode` that its protection takes for it; while reading, what the policy's `reasons` say. */
  reasonModes: StaticArray<u8> = new StaticArray<u8>(Reason.count);
  /** The protections that are not off: bits `1 << Protection`. */
  enabled: u64 = 0;
  /** The protections that prevent. */
  prevent: u64 = 0;
  /** Per protection the sources it leaves alone; null for none. */
  exempts: StaticArray<CidrList | null> = new StaticArray<CidrList | null>(Protection.count);
  /** The sources that every protection leaves alone; null for none. */
  exemptAll: CidrList | null = null;
  /** The sources for which every protection at most detects; null for none. */
  trusted: CidrList | null = null;
  /** Some source is exempt from something, or trusted. */
  namesSources: bool = false;
  /** Key "shadow": what is judged on the same bytes without acting. */
  shadow: Policy | null = null;
  /** The lower one of its `pendingCommands` and the shadow's. */
  pendingLeast: i32 = 0;
  /** It names an option of a protection, or a limit. */
  hasOptions: bool = false;
  /** It or its shadow does, so that a trigger may differ between the two. */
  differsInShadow: bool = false;
  /** Limits; ranges and reasons stand in `fields.ts`. */
  commandLineBytes: i32 = LIMITS[Limit.command_line_bytes].initial;
  replyBytes: i32 = LIMITS[Limit.reply_bytes].initial;
  heldBytes: i32 = LIMITS[Limit.held_bytes].initial;
  pendingCommands: i32 = LIMITS[Limit.pending_commands].initial;
  closeDeadlineMs: i32 = LIMITS[Limit.close_deadline_ms].initial;
  memoryBytes: i32 = LIMITS[Limit.memory_bytes].initial;
  rejectedCommands: i32 = LIMITS[Limit.rejected_commands].initial;
  /** Per `Awaited` the longest time that it is waited for, in milliseconds; 0 for no limit. */
  timeouts: StaticArray<u32> = new StaticArray<u32>(Awaited.count);
  hasTimeouts: bool = false;
  eventsPerSecond: i32 = EVENTS_PER_SECOND.initial;
  /** What is the same in all events and records of the policy. */
  eventHead: ArrayBuffer = EMPTY;
  /** Key "sessions" of "events": which records are written to the log. */
  sessions: Sessions = Sessions.findings;
  excerpt: Excerpt = Excerpt.masked;
  /** Key "starttls". */
  terminate: bool = false;
  originate: Originate = Originate.never;
  require: Require = Require.never;
  /** Some of it is not the default. */
  handlesTls: bool = false;
  /** Key "commands": the rule, and the reply to a refused command with its end; null for that of the page. */
  commands: WordRule = new WordRule();
  commandsReply: ArrayBuffer | null = null;
  /** Code and enhanced code of that reply. */
  commandsReplyCodes: string = "";
  /** Key "ehlo_keywords". */
  ehloKeywords: WordRule = new WordRule();
  /** It or its shadow has one of the two rules. */
  hasOwnRules: bool = false;
  /** The argument that sends a connection to the cluster of `source_abuse`; null where there is none. */
  quarantine: ArrayBuffer | null = null;
  /** Stands for `statPrefix`: policies that share it count a source together. */
  sourceGroup: u64 = 0;
  /** The kinds of `Excess` in messages that it wants to know of (flow/message.ts). */
  excessKinds: u32 = 0;
  addresses: Addresses = Addresses.full;
  /** The key of hashed addresses, 16 bytes in their order. */
  addressKey0: u64 = 0;
  addressKey1: u64 = 0;

  constructor() {
    super();
    for (let reason = 0; reason < Reason.count; reason++) this.reasonModes[reason] = UNSET;
    for (let id = 0; id < Protection.count; id++) {
      this.modes[id] = UNSET;
      this.actions[id] = <u8>CATALOGUE[id].preventAction;
    }
  }

  /** Sets the longest time that `awaited` is waited for. */
  limitWait(awaited: i32, milliseconds: i32): void {
    this.timeouts[awaited] = <u32>milliseconds;
    if (milliseconds > 0) this.hasTimeouts = true;
  }

  /** The protections that leave `source` alone: bits `1 << Protection`. */
  exemptFor(source: Address): u64 {
    let set: u64 = 0;
    const all = this.exemptAll;
    if (all !== null && all.has(source)) return u64.MAX_VALUE;
    for (let id = 0; id < Protection.count; id++) {
      const list = this.exempts[id];
      if (list !== null && list.has(source)) set |= (<u64>1) << (<u64>id);
    }
    // It may say who its own client is.
    return this.trusts(source) ? set | ((<u64>1) << (<u64>Protection.trust_command)) : set;
  }

  /** Whether `source` is in `trusted_sources`. */
  trusts(source: Address): bool {
    const trusted = this.trusted;
    return trusted !== null && trusted.has(source);
  }

  /** Bytes that a policy of `length` bytes of text takes at most while it is in force. */
  sizeFor(length: i32): usize {
    const shadow = this.shadow;
    const inner: usize = shadow === null ? 0 : FIXED_SIZE + <usize>shadow.networks() * NETWORK_SIZE;
    return FIXED_SIZE + <usize>length * 2 + <usize>this.networks() * NETWORK_SIZE + inner;
  }

  /** How many networks are in its lists. */
  private networks(): i32 {
    let count = lengthOf(this.exemptAll) + lengthOf(this.trusted);
    for (let id = 0; id < Protection.count; id++) {
      count += lengthOf(this.exempts[id]);
    }
    return count;
  }

  /** Fills the modes that the policy did not name and what follows from them. */
  settle(): void {
    this.namesSources = this.exemptAll !== null || this.trusted !== null;
    if (this.source_abuse_quarantine_cluster.length > 0) {
      this.quarantine = routeTo(this.source_abuse_quarantine_cluster);
    }
    this.sourceGroup = groupOf(this.statPrefix);
    this.eventHead = String.UTF8.encode(
      `,"stat_prefix":"${this.statPrefix}","proto":"TCP","app_proto":"smtp"`,
    );
    this.handlesTls = this.terminate || this.originate != Originate.never || this.require != Require.never;
    this.hasOwnRules = this.commands.isSet || this.ehloKeywords.isSet;
    // Without their rules they find nothing, and so must not make a session be edited.
    if (!this.commands.isSet) this.modes[Protection.forbidden_command] = <u8>Mode.off;
    if (!this.ehloKeywords.isSet) this.modes[Protection.forbidden_extension] = <u8>Mode.off;
    for (let id = 0; id < Protection.count; id++) {
      const bit = (<u64>1) << (<u64>id);
      if (this.modes[id] == UNSET) this.modes[id] = <u8>modeIn(CATALOGUE[id].modes, this.profile);
      if (this.modes[id] != <u8>Mode.off) this.enabled |= bit;
      if (this.exempts[id] !== null) this.namesSources = true;
    }
    for (let reason = 1; reason < Reason.count; reason++) this.settleReason(reason);
    this.pendingLeast = this.pendingCommands;
    const shadow = this.shadow;
    if (shadow === null) return;
    shadow.settle();
    // What it would have refused is remembered apart: it has limits and times of its own.
    shadow.sourceGroup = ~this.sourceGroup;
    this.pendingLeast = min(this.pendingCommands, shadow.pendingCommands);
    if (shadow.hasOwnRules) this.hasOwnRules = true;
    this.differsInShadow = this.hasOptions || shadow.hasOptions || this.hasOwnRules;
  }

  /** A reason's mode is never stronger than its protection's. */
  private settleReason(reason: i32): void {
    const entry = REASONS[reason];
    let most = this.reasonModes[reason];
    if (most == UNSET) most = <u8>modeIn(entry.modes, this.profile);
    const mode = min(most, this.modes[entry.protection]);
    this.reasonModes[reason] = mode;
    if (mode == <u8>Mode.prevent) this.prevent |= (<u64>1) << (<u64>entry.protection);
  }
}

function lengthOf(list: CidrList | null): i32 {
  return list === null ? 0 : list.length;
}
