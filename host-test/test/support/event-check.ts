/** Checks events and session records against `envoy/events.schema.json`. */
import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

const SCHEMA = new URL("../../../envoy/events.schema.json", import.meta.url);
/** By `event_type`: the schema is one of these, and which one a line has to be is known before it is checked. */
let valid: Map<unknown, ValidateFunction> | null = null;

/** What is wrong with a line that the filter logged, or left for the access log; null when nothing is. */
export function eventFault(text: string): string | null {
  let event: { event_type?: unknown };
  try {
    event = JSON.parse(text) as { event_type?: unknown };
  } catch {
    return `no JSON: ${text}`;
  }
  valid ??= compiled();
  const check = valid.get(event.event_type);
  if (check === undefined) return `event_type is not one of ${[...valid.keys()].join(", ")}: ${text}`;
  if (check(event)) return null;
  const said = (check.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
  return `${said.slice(0, 3).join("; ")}: ${text}`;
}

/** One function for each alternative of the schema. @throws Error when an alternative is no reference to a definition */
function compiled(): Map<unknown, ValidateFunction> {
  const schema = JSON.parse(readFileSync(SCHEMA, "utf8")) as { oneOf: { $ref: string }[] };
  // Formats are for readers: a pattern says the same.
  const ajv = new Ajv2020({ validateFormats: false }).addSchema(schema, "events");
  return new Map(
    schema.oneOf.map(({ $ref }) => {
      const check = ajv.getSchema(`events${$ref}`);
      if (check === undefined) throw new Error(`${$ref} is no definition of the schema`);
      return [$ref.replace("#/$defs/", ""), check];
    }),
  );
}

/** A line with a record at its end, with what is in that whoever plays the session. */
export function withOutcome(line: string): string {
  return line.replace(/\{"timestamp":.*$/, (text) => {
    const record = JSON.parse(text) as Record<string, unknown>;
    const { verdict, findings, protections, commands, messages, tls } = record;
    return JSON.stringify({ verdict, findings, protections, commands, messages, tls });
  });
}
