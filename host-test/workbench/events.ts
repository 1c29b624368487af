/** The filter's lines on Envoy's log: one JSON object each (README, "Events"). */

/** The event or the session record in a line that the filter logged; null when it is something else. */
export function eventOf(message: string): Record<string, unknown> | null {
  return message.startsWith('{"timestamp":"') ? (JSON.parse(message) as Record<string, unknown>) : null;
}

/** The same of a finding only. */
export function alertOf(message: string): Record<string, unknown> | null {
  const event = eventOf(message);
  return event?.["event_type"] === "alert" ? event : null;
}

/** Members of a record that are other ones each time the same session is played. */
const OF_THIS_TIME =
  /"(?:timestamp|flow_id|connection_id|(?:src|dest)_(?:ip|port)|[a-z]+_ms)":(?:"[^"]*"|\d+),?/g;

/** A session's record without its time, numbers and addresses: the same for each run of the same session. */
export const lastingRecord = (record: string): string => record.replace(OF_THIS_TIME, "");
