/**
 * The members of the filter's events and session records, in the order in which they stand there: from this list come
 * `envoy/events.schema.json` and the table in README.md.
 */
import { STAT_PREFIX_LENGTH } from "../../assembly/policy/fields.js";
import type { Page } from "./page.js";
import type { Schema } from "./schema-lists.js";
import { ACTIONS, MODES } from "./words.js";

/** Which of the two kinds of line has a member, by its `event_type`. */
export type EventType = "alert" | "smtp";

/** A member of an event or a record. */
export interface EventField {
  readonly name: string;
  /** Where it stands; `true` where it always does. */
  readonly in: Readonly<Partial<Record<EventType, boolean>>>;
  readonly meaning: string;
  readonly schema: Schema;
}

const ALWAYS = { alert: true, smtp: true };
const SOMETIMES = { alert: false, smtp: false };
const IN_ALERT = { alert: true };
const SOMETIMES_IN_ALERT = { alert: false };
const IN_RECORD = { smtp: true };

/** What comes from the wire: printable ASCII, all else as `\xHH`. @param most octets */
const wire = (most: number): Schema => ({
  type: "string",
  maxLength: 4 * most,
  pattern: "^([ -\\[\\]-~]|\\\\\\\\|\\\\x[0-9a-f]{2})*$",
});

const COUNT: Schema = { type: "integer", minimum: 0 };
const PORT: Schema = { type: "integer", minimum: 0, maximum: 65535 };
const IP: Schema = { type: "string", pattern: "^[0-9A-Fa-f.:]{2,45}$" };
const FLAG: Schema = { type: "boolean" };
const VERSION: Schema = { type: "string", pattern: "^TLSv1(\\.[0-3])?$" };
const TIME = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z$";

const exactly = (properties: Schema, required: readonly string[]): Schema => ({
  type: "object",
  additionalProperties: false,
  required,
  properties,
});

/** Octets that are kept of a HELO name, of a path, of an unknown verb, of what matched. */
const MOST = { helo: 48, path: 256, verb: 20, excerpt: 64 };

const NAMES: Schema = exactly(
  {
    helo: wire(MOST.helo),
    mail_from: wire(MOST.path),
    rcpt_to: { type: "array", minItems: 1, maxItems: 1, items: wire(MOST.path) },
  },
  [],
);

const VERDICT: Schema = { enum: ["clean", "detected", "prevented", "terminated"] };

const PROTECTION: Schema = { $ref: "#/$defs/protection" };
const REASON: Schema = { $ref: "#/$defs/reason" };
const PROTECTIONS: Schema = { type: "array", uniqueItems: true, items: PROTECTION };

/** The words of protections and reasons, as the pages have them. */
export const eventWords = (pages: readonly Page[]): Schema => ({
  protection: { enum: pages.map(({ id }) => id) },
  reason: { enum: [...new Set(pages.flatMap(({ reasons }) => reasons.map(({ id }) => id)))].sort() },
});

const CONNECTION: EventField[] = [
  {
    name: "timestamp",
    in: ALWAYS,
    meaning:
      "UTC, in RFC 3339's form with microseconds: of a finding; of a record when the connection began, `%START_TIME%`",
    schema: { type: "string", format: "date-time", pattern: TIME },
  },
  {
    name: "flow_id",
    in: SOMETIMES,
    meaning: "EVE's name for the number of the connection",
    schema: COUNT,
  },
  {
    name: "connection_id",
    in: SOMETIMES,
    meaning:
      "Envoy's name for it: `%CONNECTION_ID%` in the access log, `[Tags: \"ConnectionId\":…]` in Envoy's own log",
    schema: COUNT,
  },
  {
    name: "event_type",
    in: ALWAYS,
    meaning: "`alert` for a finding, `smtp` for the record of a session",
    schema: {},
  },
  {
    name: "stat_prefix",
    in: ALWAYS,
    meaning: "the policy's, which names its statistics",
    schema: { type: "string", pattern: `^[A-Za-z0-9_]{1,${STAT_PREFIX_LENGTH}}$` },
  },
  { name: "proto", in: ALWAYS, meaning: "`TCP`", schema: { const: "TCP" } },
  { name: "app_proto", in: ALWAYS, meaning: "`smtp`", schema: { const: "smtp" } },
  { name: "src_ip", in: SOMETIMES, meaning: "the client's address", schema: IP },
  { name: "src_port", in: SOMETIMES, meaning: "its port", schema: PORT },
  { name: "dest_ip", in: SOMETIMES, meaning: "the listener's address", schema: IP },
  { name: "dest_port", in: SOMETIMES, meaning: "its port", schema: PORT },
  {
    name: "tls",
    in: ALWAYS,
    meaning: "whether the client's side is encrypted, as far as it has said anything",
    schema: FLAG,
  },
  {
    name: "tls_terminated",
    in: SOMETIMES,
    meaning: "`true` where the filter reads inside that TLS; not there otherwise",
    schema: { const: true },
  },
  { name: "tls_version", in: SOMETIMES, meaning: "then its version, such as `TLSv1.3`", schema: VERSION },
  {
    name: "upstream_tls_version",
    in: SOMETIMES,
    meaning: "the same of the TLS that the filter asked the server for",
    schema: VERSION,
  },
  {
    name: "smtp",
    in: ALWAYS,
    meaning:
      "`helo`, `mail_from`, `rcpt_to` as far as known: of the session so far, of the last transaction; `rcpt_to` holds the latest recipient. How much is shown `events.addresses` says",
    schema: NAMES,
  },
];

const FINDING: EventField[] = [
  { name: "protection", in: IN_ALERT, meaning: "what matched", schema: PROTECTION },
  { name: "reason", in: IN_ALERT, meaning: "why", schema: REASON },
  {
    name: "mode",
    in: IN_ALERT,
    meaning: "the mode of this reason; `off` where a session had to end since it could not be read on",
    schema: { enum: MODES },
  },
  { name: "action", in: IN_ALERT, meaning: "what was done", schema: { enum: ACTIONS } },
  {
    name: "phase",
    in: IN_ALERT,
    meaning: "where in the session",
    schema: { enum: ["greeting", "command", "auth", "data", "tls", "lost", "closing"] },
  },
  { name: "verb", in: SOMETIMES_IN_ALERT, meaning: "the command", schema: wire(MOST.verb) },
  {
    name: "excerpt",
    in: SOMETIMES_IN_ALERT,
    meaning:
      "the bytes, at most 64: `masked` shows letters as x and digits as 0. AUTH arguments and responses are always `***`, and so is a line that may hold an AUTH after a stray line end",
    schema: wire(MOST.excerpt),
  },
  {
    name: "reply",
    in: SOMETIMES_IN_ALERT,
    meaning: "the code that the client got, or would get from the `shadow`",
    schema: { type: "string", pattern: "^[245][0-9]{2}( [245]\\.[0-9]{1,3}\\.[0-9]{1,3})?$" },
  },
  {
    name: "shadow",
    in: SOMETIMES_IN_ALERT,
    meaning: "`true` where it is the policy's `shadow` that would have done that; not there otherwise",
    schema: { const: true },
  },
];

const SHADOW: Schema = exactly(
  {
    verdict: VERDICT,
    findings: COUNT,
    protections: PROTECTIONS,
    first_prevented: exactly({ protection: PROTECTION, reason: REASON, action: { enum: ACTIONS } }, [
      "protection",
      "reason",
      "action",
    ]),
  },
  ["verdict", "findings", "protections"],
);

const RECORD: EventField[] = [
  {
    name: "outcome",
    in: IN_RECORD,
    meaning:
      "how the session ended: `quit`, `client_closed` (without one), `server_closed`, `terminated` (by a finding), `timed_out`, `over_memory` (by a limit of the policy)",
    schema: {
      enum: ["quit", "client_closed", "server_closed", "terminated", "timed_out", "over_memory"],
    },
  },
  {
    name: "verdict",
    in: IN_RECORD,
    meaning: "the worst that was done: `clean`, `detected`, `prevented` or `terminated`",
    schema: VERDICT,
  },
  { name: "findings", in: IN_RECORD, meaning: "how many there were, logged or not", schema: COUNT },
  { name: "protections", in: IN_RECORD, meaning: "the protections that found them", schema: PROTECTIONS },
  { name: "commands", in: IN_RECORD, meaning: "command lines read", schema: COUNT },
  { name: "messages", in: IN_RECORD, meaning: "messages that the server accepted", schema: COUNT },
  { name: "messages_refused", in: IN_RECORD, meaning: "messages that it refused", schema: COUNT },
  { name: "recipients_accepted", in: IN_RECORD, meaning: "recipients that it accepted", schema: COUNT },
  { name: "recipients_refused", in: IN_RECORD, meaning: "recipients that it refused", schema: COUNT },
  { name: "data_octets", in: IN_RECORD, meaning: "octets of all messages", schema: COUNT },
  {
    name: "duration_ms",
    in: IN_RECORD,
    meaning: "milliseconds from the start of the connection to its end",
    schema: COUNT,
  },
  {
    name: "shadow",
    in: { smtp: false },
    meaning:
      "what the policy's `shadow` would have made of the session: `verdict`, `findings`, `protections`, and `first_prevented`, the finding by which the two would have parted",
    schema: SHADOW,
  },
];

const SUPPRESSED: EventField = {
  name: "suppressed",
  in: SOMETIMES,
  meaning: "events and records not logged since the last line, because of `events.max_per_second`",
  schema: { type: "integer", minimum: 1 },
};

/** In what `smtp-inspector replay --json` writes of both. */
const REPLAY: EventField = {
  name: "replay",
  in: SOMETIMES,
  meaning:
    "only in what `smtp-inspector replay --json` writes: what the recording knows beside it (`replay --help`)",
  schema: { type: "object", required: ["file"] },
};

export const EVENT_FIELDS: readonly EventField[] = [...CONNECTION, ...FINDING, ...RECORD, SUPPRESSED, REPLAY];
