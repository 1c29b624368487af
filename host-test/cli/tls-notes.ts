/** Where a policy's "starttls" and the proxy's options do not go together. */
import { type ProxyTls, switchedBy } from "./proxy-tls.js";

/** @param policy one that the filter accepts @returns a line for each thing that will not happen */
export function tlsNotes(policy: string, tls: ProxyTls): string[] {
  const { starttls = {} } = (policy.trim() === "" ? {} : JSON.parse(policy)) as { starttls?: StartTls };
  const { terminate = false, originate = "never" } = starttls;
  const sides = switchedBy(tls);
  const notes: string[] = [];
  if (terminate && tls.client === undefined) {
    notes.push('the policy has "terminate", but clients are not offered STARTTLS without --cert and --key');
  }
  if (!terminate && sides.includes("client")) {
    notes.push('--cert and --key are not used: the policy has no "starttls": { "terminate": true }');
  }
  if (originate !== "never" && tls.server === undefined) {
    notes.push(
      `the policy has "originate": "${originate}", but the server is not asked for TLS without --upstream-tls`,
    );
  }
  if (originate === "never" && tls.server !== undefined) {
    notes.push(
      '--upstream-tls is not used: the policy has no "starttls": { "originate": "offered" } or "always"',
    );
  }
  return notes;
}

interface StartTls {
  terminate?: boolean;
  originate?: "never" | "offered" | "always";
}
