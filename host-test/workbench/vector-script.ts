/** The script of a vector: what client and server send and receive, and in which order. */
import type { Side } from "../host/plugin.js";
import type { Line, MarkLine } from "./lines.js";

/** A part of a segment; one that answers a stand-in of the script is not sent if that stand-in was not needed. */
interface Part {
  text: string;
  /** Index of the expected stand-in that this answers. */
  answers?: number;
}

interface Send {
  parts: Part[];
  /** How many expected items of this side must be there first. */
  needs: number;
  /** Whether the end of the other side's stream must be seen first. */
  needsEnd: boolean;
  /** How many segments and ends of the other side must have been sent first, because a boundary stands between. */
  behind: number;
  /** This is not a segment but the end of the stream. */
  end: boolean;
}

interface Expected {
  text: string;
  /** A NOOP that the filter sends for a withheld command when the server owes no reply. */
  standIn: boolean;
}

/** What one side does. */
export interface Role {
  sends: Send[];
  expected: Expected[];
  /** The script says that this side sees the end of the stream. */
  seesEnd: boolean;
  /** How many segments and ends this side has sent where its TLS starts; null if it stays in clear. */
  tlsAfter: number | null;
}

/** What the host can do besides passing bytes. */
export interface HostFacts {
  /** The sides that can start TLS. */
  startTls: readonly Side[];
  /** The client speaks TLS from the start, as on port 465. */
  isTls: boolean;
}

/** A host as most have it: no switch, and no TLS. */
export const CLEAR: HostFacts = { startTls: [], isTls: false };

/** The script of a case, one role for each side. */
export interface Script {
  client: Role;
  server: Role;
  /** Whether the filter itself is to close the connection. */
  filterCloses: boolean;
  host: HostFacts;
}

/** Stands in what a side receives where its TLS starts; on the wire no character is beyond 0xff. */
export const TLS_STARTS = "\u2550\u2550 TLS starts here\n";
/** The same where the script has it elsewhere, or not at all. */
export const TLS_ASTRAY = "\u2550\u2550 TLS starts here, not where the case has it\n";

export const STAND_IN = "NOOP\r\n";

/** Adjacent lines of one sender are one segment; those of the server even across a line that only the client gets. */
export function scriptOf(lines: Line[], host = CLEAR): Script {
  const writing = new ScriptWriting(host);
  for (const line of lines) {
    if (line.kind === "text") writing.text(line);
    else writing.event(line.kind);
  }
  return writing.script;
}

type SideName = "client" | "server";
type TextLine = Extract<Line, { kind: "text" }>;

class ScriptWriting {
  readonly script: Script;
  /** The segment of each side that its next line would belong to. */
  readonly #open: Record<SideName, Send | null> = { client: null, server: null };
  readonly #behind = { client: 0, server: 0 };
  /** Index of the stand-in that the server's next line answers. */
  #standIn: number | undefined;

  constructor(host: HostFacts) {
    this.script = { client: newRole(), server: newRole(), filterCloses: false, host };
  }

  event(kind: MarkLine["kind"]): void {
    const { client, server } = this.script;
    this.#open.client = this.#open.server = null;
    if (kind === "client_tls" || kind === "server_tls") {
      this.#startTls(kind === "client_tls" ? client : server);
      return;
    }
    if (kind === "boundary") {
      this.#behind.client = server.sends.length;
      this.#behind.server = client.sends.length;
    }
    if (kind === "filter_close") this.script.filterCloses = true;
    if (kind === "client_end") this.#send("client", true);
    if (kind === "server_end") this.#send("server", true);
    if (kind !== "boundary" && kind !== "client_end") client.seesEnd = true;
    if (kind !== "boundary" && kind !== "server_end") server.seesEnd = true;
  }

  text(line: TextLine): void {
    const open = this.#open;
    const other = line.from === "client" ? "server" : "client";
    const isAnswer = this.#standIn !== undefined && line.from === "server" && line.sent && !line.received;
    if (line.sent) {
      const segment = (open[line.from] ??= this.#send(line.from, false));
      segment.parts.push({ text: line.text, ...(isAnswer && { answers: this.#standIn as number }) });
    }
    if (!isAnswer) this.#standIn = undefined;
    if (line.received) {
      const expected = this.script[other].expected;
      const isStandIn = !line.sent && line.from === "client" && line.text === STAND_IN;
      if (isStandIn) this.#standIn = expected.length;
      expected.push({ text: line.text, standIn: isStandIn });
      open[other] = null;
    }
    if (line.sent) open[other] = null;
    if (!(line.from === "client" && line.sent)) open.client = null;
  }

  #startTls(role: Role): void {
    role.tlsAfter = role.sends.length;
    role.expected.push({ text: TLS_STARTS, standIn: false });
  }

  #send(side: SideName, end: boolean): Send {
    const { sends, expected, seesEnd } = this.script[side];
    const made = { parts: [], needs: expected.length, needsEnd: seesEnd, behind: this.#behind[side], end };
    sends.push(made);
    return made;
  }
}

const newRole = (): Role => ({ sends: [], expected: [], seesEnd: false, tlsAfter: null });
