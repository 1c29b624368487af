/** Reads what `smtp-inspector replay --json` writes, and checks each line against `envoy/events.schema.json`. */
import { eventFault } from "./event-check.js";

/** A line of a finding, as far as tests look at it. */
export interface AlertLine {
  event_type: "alert";
  connection_id: number;
  protection: string;
  reason: string;
  mode: string;
  action: string;
  phase: string;
  verb?: string;
  reply?: string;
  shadow?: true;
  replay: { file: string; side: string; from: number; to: number };
}

/** The line of a session. */
export interface RecordLine {
  event_type: "smtp";
  connection_id: number;
  verdict: string;
  findings: number;
  shadow?: { verdict: string; findings: number };
  replay: { file: string; title: string; incomplete: string | null; closed: string | null };
}

/** A session: its findings and its record. */
export interface ReplayedSession {
  alerts: AlertLine[];
  record: RecordLine;
}

/** @throws Error for a line that is not as the schema says */
export function replayedSessions(out: string): ReplayedSession[] {
  const sessions: ReplayedSession[] = [];
  const alerts: AlertLine[] = [];
  for (const line of out.trimEnd().split("\n")) {
    const event = JSON.parse(line) as AlertLine | RecordLine | { event_type: "replay" };
    if (event.event_type === "replay") continue;
    const fault = eventFault(line);
    if (fault !== null) throw new Error(fault);
    if (event.event_type === "alert") alerts.push(event);
    else sessions.push({ alerts: alerts.splice(0), record: event });
  }
  return sessions;
}
