/**
 * What a policy may contain beside its protections: names, ranges, defaults. The filter and the schema read the same rows;
 * both `asc` and `tsc` compile this file.
 */

/** A whole number in the policy. */
export class IntegerField {
  constructor(
    public readonly key: string,
    /** Value where the policy gives none. */
    public readonly initial: i32,
    public readonly least: i32,
    public readonly most: i32,
    /** A shadow has its own: it is only judged by, and neither bounds memory nor decides what is read. */
    public readonly isShadows: boolean = false,
  ) {}
}

/** Index into `LIMITS`. */
export const enum Limit {
  command_line_bytes,
  reply_bytes,
  held_bytes,
  pending_commands,
  close_deadline_ms,
  memory_bytes,
  rejected_commands,
  greeting_timeout_ms,
  command_timeout_ms,
  reply_timeout_ms,
  data_reply_timeout_ms,
  data_block_timeout_ms,
  end_of_data_timeout_ms,
}

/** Key "limits", in the order of `Limit`. */
export const LIMITS: IntegerField[] = [
  new IntegerField("command_line_bytes", 16384, 512, 16384),
  new IntegerField("reply_bytes", 65536, 512, 65536),
  new IntegerField("held_bytes", 262144, 4096, 262144),
  new IntegerField("pending_commands", 4096, 100, 4096, true),
  new IntegerField("close_deadline_ms", 5000, 1000, 60000),
  new IntegerField("memory_bytes", 134217728, 1048576, 201326592),
  new IntegerField("rejected_commands", 100, 1, 10000, true),
  new IntegerField("greeting_timeout_ms", 0, 0, 3600000),
  new IntegerField("command_timeout_ms", 0, 0, 3600000),
  new IntegerField("reply_timeout_ms", 0, 0, 3600000),
  new IntegerField("data_reply_timeout_ms", 0, 0, 3600000),
  new IntegerField("data_block_timeout_ms", 0, 0, 3600000),
  new IntegerField("end_of_data_timeout_ms", 0, 0, 3600000),
];

/** The keys of a policy that stand in its "shadow" too; all else is the policy's around it. */
export const SHADOW_KEYS: string[] = [
  "profile",
  "protections",
  "limits",
  "exempt_sources",
  "trusted_sources",
  "commands",
  "ehlo_keywords",
];

/** Key "max_per_second" of "events". */
export const EVENTS_PER_SECOND: IntegerField = new IntegerField("max_per_second", 100, 0, 10000);

/** Words of key "excerpt" of "events", in the order of `Excerpt`. */
export const EXCERPTS: string[] = ["masked", "full", "none"];

/** Words of key "sessions" of "events", in the order of `Sessions`. */
export const SESSIONS: string[] = ["none", "findings", "all"];

/** Key "originate" of "starttls": when the filter asks the server for TLS. */
export const enum Originate {
  never,
  /** Where the server offers it. */
  offered,
  /** Without it nothing is sent. */
  always,
}
export const ORIGINATE_WORDS: string[] = ["never", "offered", "always"];

/** Key "require" of "starttls": what a client may not do in clear. */
export const enum Require {
  never,
  /** Authenticate. */
  auth,
  /** Anything but what RFC 3207 4 leaves. */
  mail,
}
export const REQUIRE_WORDS: string[] = ["never", "auth", "mail"];

/** Words of key "addresses" of "events", in the order of `Addresses`. */
export const ADDRESSES: string[] = ["full", "domain", "hashed", "none"];

/** Key "address_key" of "events", where a policy has none: hexadecimal digits, as many as SipHash's key of 128 bits has. */
export const ADDRESS_KEY: string = "00000000000000000000000000000000";

/** Longest "stat_prefix"; Envoy sets no bound, this one keeps a statistic name in one log line. */
export const STAT_PREFIX_LENGTH: i32 = 64;

/** Longest verb in a list: RFC 5321 4.1.1 sets none, 4.5.3.1.4 leaves 510 for the line; Exchange's longest has 14. */
export const VERB_LENGTH: i32 = 64;

/** Most verbs in a list, which is searched from end to end for each command that its protection matches. */
export const VERBS_MOST: i32 = 64;

/** Longest reply of key "commands": a reply line has 512 octets with its CRLF at most (RFC 5321 4.5.3.1.5). */
export const REPLY_LENGTH: i32 = 510;

/** Most networks in a list, which is searched from end to end once a connection. */
export const NETWORKS_MOST: i32 = 256;

/** Longest name of a resource of Envoy's; Envoy sets no bound, and this one keeps it in one log line. */
export const NAME_LENGTH: i32 = 128;

/** Longest policy: what one read window of the filter holds. */
export const POLICY_BYTES: i32 = 65536;
