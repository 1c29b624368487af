/** A log with the filter's events, read line by line. Whatever is in it is text from strangers. */
import { Buffer } from "node:buffer";
import { printable } from "../workbench/printable.js";
import { escaped } from "../workbench/view.js";
import { addressIn, Causes } from "./tune-causes.js";

/** What was read of a log. */
export interface EventLog {
  /** Findings of the policy that decided, and of a second one in its shadow. */
  live: Causes;
  shadow: Causes;
  /** How many events of each. */
  events: { live: number; shadow: number };
  /** Findings that the filter did not log, because of `events.max_per_second`. */
  suppressed: number;
  /** Events of findings that were prevented: those sessions did not go on as they would have. */
  prevented: number;
  /** Events of protections or reasons that this version does not know. */
  unknown: number;
  /** Lines that were too long to be read. */
  tooLong: number;
  /** Events that something cut off or wrote into. */
  broken: number;
}

export const newEventLog = (): EventLog => ({
  live: new Causes(),
  shadow: new Causes(),
  events: { live: 0, shadow: 0 },
  suppressed: 0,
  prevented: 0,
  unknown: 0,
  tooLong: 0,
  broken: 0,
});

/** The filter's longest event has 4 KiB; a collector may have wrapped and escaped it. */
const LONGEST_LINE = 65_536;
/** Characters of an event's fields that an example shows. */
const SHOWN = 60;
/** More findings than that were not left out between two events. */
const MOST_SUPPRESSED = 1_000_000_000;

/**
 * Reads a log to its end.
 * @param isKnown whether the pages have a protection with this reason
 */
export async function readEvents(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  isKnown: (protection: string, reason: string) => boolean,
  log: EventLog,
): Promise<void> {
  let number = 0;
  for await (const line of linesOf(chunks)) {
    number++;
    if (line === null) log.tooLong++;
    else if (isBrokenEvent(line)) log.broken++;
    else take(eventOn(line), `${escaped(name)} line ${number}`, isKnown, log);
  }
}

function take(
  event: Record<string, unknown> | null,
  place: string,
  isKnown: (protection: string, reason: string) => boolean,
  log: EventLog,
): void {
  if (event === null) return;
  const { protection, reason, action, suppressed, shadow } = event;
  if (Number.isSafeInteger(suppressed) && (suppressed as number) > 0) {
    log.suppressed = Math.min(MOST_SUPPRESSED, log.suppressed + (suppressed as number));
  }
  if (typeof protection !== "string" || typeof reason !== "string") return;
  if (!isKnown(protection, reason)) {
    log.unknown++;
    return;
  }
  const kind = shadow === true ? "shadow" : "live";
  log.events[kind]++;
  if (kind === "live" && action !== "detect") log.prevented++;
  log[kind].add({ protection, reason }, addressIn(event["src_ip"]), () => `${place}${shown(event)}`);
}

/** The verb and the excerpt of an event, as far as it has them. */
function shown({ verb, excerpt }: Record<string, unknown>): string {
  const text = typeof excerpt === "string" && excerpt !== "" ? excerpt : verb;
  return typeof text === "string" && text !== "" ? `: ${printable(text, SHOWN)}` : "";
}

/**
 * The event or session record on a line of a log: alone, after Envoy's prefix, or in the field of a collector's JSON that has the line.
 * Elsewhere in a line a client could have put it, in the user agent of a request for instance.
 */
export function eventOn(line: string, isWrapped = false): Record<string, unknown> | null {
  const at = line.indexOf("{");
  if (at < 0 || (at > 0 && !ENVOY.test(line.slice(0, at)))) return null;
  let value: unknown;
  try {
    value = JSON.parse(line.slice(at));
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const fields = value as Record<string, unknown>;
  if (EVENT_TYPES.has(fields["event_type"])) return fields;
  const inner = isWrapped || at > 0 ? undefined : WRAPPINGS.map((key) => fields[key]).find(isText);
  return inner === undefined ? null : eventOn(inner.trim(), true);
}

/** Whether an event begins on a line where one may stand, and the line is no JSON: cut off as the log was copied or rotated. */
function isBrokenEvent(line: string): boolean {
  const at = line.indexOf("{");
  if (at < 0 || !BROKEN.test(line) || (at > 0 && !ENVOY.test(line.slice(0, at)))) return false;
  try {
    JSON.parse(line.slice(at));
    return false;
  } catch {
    return true;
  }
}

/** How each event begins, also in a string of a collector's JSON; those of earlier versions had no time. */
const BROKEN =
  /\{(?:\\?"timestamp\\?":\\?"[\w:.-]{27}\\?",(?:\\?"(?:flow|connection)_id\\?":\d+,)*)?\\?"event_type\\?":\\?"alert\\?"/;

/** A finding, and the record of a session, which only says how many findings were left out. */
const EVENT_TYPES: ReadonlySet<unknown> = new Set(["alert", "smtp"]);

/** Envoy writes plugin name, root id and VM id before what a module logs; all before that is a matter of taste. */
const ENVOY = /(?:^|[\s\]])wasm log(?: [\w.-]+){0,3}: $/;

/** Where Docker, journald and the usual JSON log formats keep the line. */
const WRAPPINGS = ["log", "message", "msg", "MESSAGE"];
const isText = (value: unknown): value is string => typeof value === "string";

/** Lines without their ends; null for one that is too long. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string | null> {
  let parts: Uint8Array[] = [];
  let size = 0;
  const whole = (): string | null =>
    size > LONGEST_LINE ? null : Buffer.concat(parts).toString("utf8").replace(/\r$/, "");
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      size += at - from;
      if (size <= LONGEST_LINE) parts.push(chunk.subarray(from, at));
      yield whole();
      [parts, size, from] = [[], 0, at + 1];
    }
    size += chunk.length - from;
    // A part of a longer line is not kept, and a kept one does not keep its chunk.
    if (size <= LONGEST_LINE) parts.push(chunk.slice(from));
    else parts = [];
  }
  if (size > 0) yield whole();
}

const LF = 0x0a;
