/** Writes `envoy/events.schema.json`, and the table of the fields in README.md. */
import { MARK } from "./assembly.js";
import { EVENT_FIELDS, type EventField, type EventType, eventWords } from "./event-fields.js";
import type { Page } from "./page.js";
import type { Schema } from "./schema-lists.js";

/** The schema of a line: an event or a record (JSON Schema draft 2020-12). */
export function eventsSchema(pages: readonly Page[]): Schema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Events and session records of smtp-inspector",
    description: `One line of JSON each. ${MARK}`,
    oneOf: [{ $ref: "#/$defs/alert" }, { $ref: "#/$defs/smtp" }],
    $defs: { alert: kind("alert"), smtp: kind("smtp"), ...eventWords(pages) },
  };
}

function kind(type: EventType): Schema {
  const those = EVENT_FIELDS.filter((field) => field.in[type] !== undefined);
  return {
    type: "object",
    additionalProperties: false,
    required: those.filter((field) => field.in[type]).map(({ name }) => name),
    properties: Object.fromEntries(those.map((field) => [field.name, member(field, type)])),
  };
}

function member({ name, meaning, schema }: EventField, type: EventType): Schema {
  if (name === "event_type") return { description: meaning, const: type };
  return { description: meaning, ...schema };
}

const WHERE: Readonly<Record<string, string>> = { alert: "finding", smtp: "record" };

/** The table in README.md: a row each. */
export function eventsTable(): string {
  const rows = EVENT_FIELDS.map(({ name, in: where, meaning }) => {
    const kinds = Object.keys(where).map((type) => WHERE[type]);
    return `| \`${name}\` | ${kinds.length === 2 ? "both" : kinds.join("")} | ${meaning} |`;
  });
  return ["| field | in | meaning |", "| --- | --- | --- |", ...rows].join("\n");
}
