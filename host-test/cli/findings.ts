/** Turns the filter's log into lines for people. */
import { printable } from "../workbench/printable.js";

/** The fields of an event that a line shows (README, "Events"). All come from a log, so any may be absent. */
interface FindingEvent {
  protection?: unknown;
  reason?: unknown;
  action?: unknown;
  verb?: unknown;
  phase?: unknown;
  excerpt?: unknown;
  reply?: unknown;
  src_ip?: unknown;
  src_port?: unknown;
  shadow?: unknown;
}

/**
 * One line for a finding, such as
 * `reject     private_command           127.0.0.1:40312 XADR: private verb "XADR" → 502 5.5.1 …`.
 * @returns null when the log line is not a finding.
 */
export function findingLine(message: string): string | null {
  const event = parseEvent(message);
  if (event === null) return null;
  const show = (value: unknown, limit?: number): string =>
    typeof value === "string" || typeof value === "number" ? printable(String(value), limit) : "";
  const source = show(event.src_ip) === "" ? "" : address(show(event.src_ip, 45), show(event.src_port, 5));
  const where = show(event.verb, 40) || show(event.phase, 40);
  const excerpt = show(event.excerpt, 80);
  const reply = show(event.reply, 120);
  return [
    `${event.shadow === true ? "shadow " : ""}${show(event.action, 20)}`.padEnd(10),
    show(event.protection, 40).padEnd(26),
    source.padEnd(21),
    `${where}: ${show(event.reason, 120)}`,
    excerpt === "" ? "" : `"${excerpt}"`,
    reply === "" ? "" : `→ ${reply}`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}

const address = (ip: string, port: string): string =>
  ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;

function parseEvent(message: string): FindingEvent | null {
  if (!message.startsWith("{")) return null;
  try {
    const event = JSON.parse(message) as FindingEvent;
    return typeof event.protection === "string" ? event : null;
  } catch {
    return null;
  }
}
