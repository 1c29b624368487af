/** What must be true of sessions whose policy has a "starttls" (RFC 3207; "NO STARTTLS", USENIX Security 2021). */
import { type Fault, fault } from "./fault.js";
import type { Told } from "./model-server.js";
import type { FuzzPolicy } from "./policies.js";
import type { Seen } from "./seen.js";
import { latin1 } from "./text.js";
import type { TlsMark } from "./tls.js";

const GREETS = /^[ \t]*(?:EHLO|HELO|LHLO)(?![^ \t])/i;
/** RFC 3207 4: what means nothing, and what begins the session. */
const HARMLESS = /^[ \t]*(?:EHLO|HELO|LHLO|NOOP|RSET|QUIT)(?![^ \t])/i;
const OURS = /^STARTTLS$/;
const AUTH = /^[ \t]*(?:AUTH|X-EXPS)(?![^ \t])/i;

/** @param served all that the server said are replies of the model to what it was asked */
export function judgeTls(policy: FuzzPolicy, seen: Seen, served: boolean): Fault[] {
  const { starttls } = policy;
  if (starttls === null) return [];
  const faults: Fault[] = [];
  const add = (key: string, line: string): void => void faults.push(fault("STARTTLS", key, line));
  const { client, server } = seen.tls;
  const { told } = seen.server;
  const inClear = (mark: TlsMark | null): Told[] =>
    told.filter(({ piece }) => mark === null || piece < mark.toServer);
  if (starttls.originate === "always") {
    for (const { line } of inClear(server))
      if (!HARMLESS.test(line) && !OURS.test(line)) add("said in clear to a server", line);
  }
  if (starttls.require !== undefined && !policy.listensInTls) {
    for (const { line } of inClear(client)) {
      const passes = starttls.require === "auth" ? !AUTH.test(line) : HARMLESS.test(line) || OURS.test(line);
      if (!passes) add("passed before TLS with the client", line);
    }
  }
  if (client !== null) clientSide(seen, client, served, add);
  if (server !== null) serverSide(seen, server, add);
  return faults;
}

type Add = (key: string, line: string) => void;

function clientSide(seen: Seen, mark: TlsMark, served: boolean, add: Add): void {
  // After the octets of a BDAT a command need not begin a line.
  if (!/STARTTLS[ \t]*\r?\n$/i.test(mark.saidByClient))
    add("TLS begins though more was said in clear", mark.saidByClient.slice(-80));
  if (!mark.saidToClient.endsWith("220 2.0.0 Ready to start TLS\r\n"))
    add("the 220 is not the last in clear", mark.saidToClient.slice(-80));
  if (!served) return;
  const before = seen.server.told.filter(({ piece }) => piece < mark.toServer);
  if (before.some(({ code }) => code === 235)) add("TLS begins after AUTH", "");
  for (const { line, code, piece } of seen.server.told) {
    if (piece < mark.toServer) continue;
    if (!HARMLESS.test(line) && !OURS.test(line)) add("passed before EHLO inside TLS", line);
    if (GREETS.test(line) && code === 250) break;
  }
  const inside = latin1(Buffer.concat(seen.pieces.toClient.slice(mark.toClient)));
  // The model's own reply to EHLO: a reply of the session's to another command may hold the word.
  if (/^250-mx\.example\r\n(?:250-[^\n]*\n)*250[ -]STARTTLS/m.test(inside))
    add("STARTTLS is offered inside TLS", inside.slice(0, 80));
}

function serverSide(seen: Seen, mark: TlsMark, add: Add): void {
  const before = latin1(Buffer.concat(seen.pieces.toServer.slice(0, mark.toServer)));
  if (!before.endsWith("STARTTLS\r\n")) add("TLS begins though STARTTLS was not the last", before.slice(-80));
  const first = seen.server.told.find(({ piece }) => piece >= mark.toServer);
  if (first !== undefined && !GREETS.test(first.line)) add("the first inside TLS is no EHLO", first.line);
  // What came with the 220 was said in clear: the client gets none of it.
  if (/(?:^|\n)220(?: [^\n]*)?\n$/.test(mark.saidByServer)) return;
  const rest = latin1(Buffer.concat(seen.pieces.toClient.slice(mark.toClient)));
  if (!/^(?:421 4\.7\.0 starttls_reply_injection[^\n]*\n)?$/.test(rest)) add("injected by the server", rest);
}
