import { eventOf } from "../../workbench/events.js";

/** How a session ended: Envoy's word for it, and what is in its record whoever plays it. */
export function outcome(line: string): string {
  const [reason = "", record = ""] = line.split(/ (.*)/);
  const { verdict, findings, protections, commands, messages, tls } = eventOf(record) ?? {};
  return `${reason} ${JSON.stringify({ verdict, findings, protections, commands, messages, tls })}`;
}
