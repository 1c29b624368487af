/** Records what a filter did with a session, in the lines of a vector (host-test/vectors/README.md). */
import type { ConnectionObserver } from "../host/plugin.js";
import { joined, text } from "./bytes.js";
import type { Side } from "./model.js";
import { findingIn, type FindingEvent } from "./vector-run.js";
import { escaped } from "./view.js";

/** What one side said at once, and its effect. */
interface Call {
  side: Side;
  said: string;
  end: boolean;
  /** What each side received. */
  toServer: Uint8Array[];
  toClient: Uint8Array[];
  findings: FindingEvent[];
  /** The sides that speak TLS from here on. */
  startsTls: Side[];
  /** The filter closed the connection. */
  closes: boolean;
}

/** Watches a connection, for its vector. */
export class Trace implements ConnectionObserver {
  readonly #calls: Call[] = [];

  get findings(): FindingEvent[] {
    return this.#calls.flatMap(({ findings }) => findings);
  }

  said(side: Side, bytes: Uint8Array, end: boolean): void {
    const call = {
      said: text(bytes),
      toServer: [],
      toClient: [],
      findings: [],
      startsTls: [],
      closes: false,
    };
    this.#calls.push({ side, end, ...call });
  }

  goesTo(side: Side, bytes: Uint8Array): void {
    const call = this.#calls.at(-1);
    (side === "server" ? call?.toServer : call?.toClient)?.push(bytes.slice());
  }

  logs(message: string): void {
    const finding = findingIn(message);
    if (finding !== null) this.#calls.at(-1)?.findings.push(finding);
  }

  startsTls(side: Side): void {
    this.#calls.at(-1)?.startsTls.push(side);
  }

  settled(): void {}

  closes(reason: string): void {
    const call = this.#calls.at(-1);
    if (call !== undefined && reason.startsWith("wasm_")) call.closes = true;
  }

  /** The conversation, without ends of streams at its end that had no effect. */
  lines(): string[] {
    const calls = merged(this.#calls);
    while (calls.length > 0 && isIdle(calls.at(-1) as Call)) calls.pop();
    return calls.flatMap((call, index) => {
      const before = calls[index - 1];
      // The server would act first if nothing that it got made it wait.
      const waits = call.side === "server" && before?.side === "client" && before.toServer.length === 0;
      return waits ? ["--", ...linesOf(call)] : linesOf(call);
    });
  }
}

/** The lines of a reply, of which the client gets nothing before the last, are said at once. */
function merged(calls: readonly Call[]): Call[] {
  const found: Call[] = [];
  for (const call of calls) {
    const last = found.at(-1);
    if (last === undefined || call.side !== "server" || !isHeld(last)) found.push(call);
    else {
      const findings = [...last.findings, ...call.findings];
      found[found.length - 1] = { ...call, said: last.said + call.said, findings };
    }
  }
  return found;
}

const isHeld = ({ side, end, toServer, toClient, startsTls, closes }: Call): boolean =>
  side === "server" && !end && !closes && toServer.length + toClient.length + startsTls.length === 0;

const isIdle = ({ said, toServer, toClient, findings, closes }: Call): boolean =>
  said === "" && toServer.length + toClient.length + findings.length === 0 && !closes;

function linesOf({ side, said, end, toServer, toClient, startsTls, closes }: Call): string[] {
  const [own, other] = side === "client" ? (["C", "S"] as const) : (["S", "C"] as const);
  const passed = pieces(text(joined(side === "client" ? toServer : toClient)));
  const back = pieces(text(joined(side === "client" ? toClient : toServer)));
  const lines: string[] = [];
  let at = 0;
  for (const piece of pieces(said)) {
    const passes = piece === passed[at];
    if (passes) at++;
    lines.push(written(`${own}${passes ? ":" : ">"}`, piece));
  }
  if (end) lines.push(`${own}.`);
  const answers = back.map((piece) => written(side === "client" ? "C<" : "S<", piece));
  const rest = passed.slice(at).map((piece) => written(`${other}<`, piece));
  const marks = startsTls.map((one) => `== TLS ${one}`);
  // What the server gets comes last: a stand-in's answer follows it.
  lines.push(...(side === "client" ? [...answers, ...marks, ...rest] : [...rest, ...marks, ...answers]));
  if (closes && !end) lines.push("X.");
  return lines;
}

const pieces = (all: string): string[] => (all === "" ? [] : all.split(/(?<=\n)/));

/** A line on the wire as a line of a vector, after its mark, such as `C:`. */
export function written(mark: string, line: string): string {
  const isWhole = line.endsWith("\r\n");
  const body = isWhole ? line.slice(0, -2) : line;
  const shown = body.replace(/([^])\1{15,}|[^]/g, (run, one?: string) =>
    one === undefined ? escapeOf(run) : `{${escapeOf(one)}*${run.length}}`,
  );
  return `${mark}${isWhole ? "" : ":"}${shown === "" ? "" : ` ${shown}`}`;
}

/** A brace could begin a repetition. */
const escapeOf = (byte: string): string => (byte === "{" ? "\\x7b" : escaped(byte));
