/** Checks events and session records against `envoy/events.schema.json`. */
import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

const SCHEMA = new URL("../../../envoy/events.schema.json", import.meta.url);
let valid: ValidateFunction | null = null;

/** What is wrong with a line that the filter logged, or left for the access log; null when nothing is. */
export function eventFault(text: string): string | null {
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    return `no JSON: ${text}`;
  }
  // Formats are for readers: a pattern says the same.
  valid ??= new Ajv2020({ validateFormats: false }).compile(
    JSON.parse(readFileSync(SCHEMA, "utf8")) as object,
  );
  if (valid(event)) return null;
  const { event_type: type } = event as { event_type?: string };
  const errors = (valid.errors ?? []).filter(({ schemaPath }) => schemaPath.startsWith(`#/$defs/${type}/`));
  const said = errors.map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
  return `${said.slice(0, 3).join("; ")}: ${text}`;
}
