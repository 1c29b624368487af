/** Conversations of the pages, played once more inside TLS that the filter ended. */
import { parseLines } from "../../workbench/lines.js";
import type { VectorCase } from "./vector-file.js";

/** In clear, until the filter answers the client's STARTTLS. */
export const ASKS_FOR_TLS = [
  "S: 220 mx.example ESMTP",
  "C: EHLO a.example",
  "S> 250 mx.example",
  "C< 250-mx.example",
  "C< 250 STARTTLS",
  "C> STARTTLS",
  "S< NOOP",
  "S> 250 2.0.0 ok",
];
/** And until TLS begins. */
export const BEGINS_TLS = ["C< 220 2.0.0 Ready to start TLS", "== TLS client"];

/** The host has the switch on both sides, as Envoy 1.40 has. */
const IN_CLEAR = parseLines([...ASKS_FOR_TLS, ...BEGINS_TLS], "in clear", 1);

/**
 * The case with all but its greeting inside TLS; null for one that cannot be: it does not begin by greeting and EHLO, or its
 * policy has a list of what is allowed without STARTTLS.
 */
export function insideTls(vector: VectorCase): VectorCase | null {
  const [greeting, hello, ...rest] = vector.lines;
  if (vector.only !== undefined || vector.host.isTls || vector.host.startTls.length > 0) return null;
  if (greeting?.kind !== "text" || greeting.from !== "server" || !/^220 [^\r\n]*\r\n$/.test(greeting.text))
    return null;
  if (hello?.kind !== "text" || hello.from !== "client" || !/^(EHLO|HELO) \S+\r\n$/.test(hello.text))
    return null;
  if (!hello.received || rest.some((line) => line.kind === "text" && line.text.includes("STARTTLS")))
    return null;
  const own = JSON.parse(vector.policy) as Record<string, { allow?: string[] } | undefined>;
  const lists = [own["commands"]?.allow, own["ehlo_keywords"]?.allow];
  if (lists.some((list) => list !== undefined && !list.includes("STARTTLS"))) return null;
  const policy = JSON.stringify({ ...own, starttls: { terminate: true } });
  const host = { startTls: ["client", "server"] as const, isTls: false };
  return { ...vector, policy, host, lines: [...IN_CLEAR, hello, ...rest] };
}
