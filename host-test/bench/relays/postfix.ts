/**
 * Postfix in front of a server, in two ways: as a relay that queues (smtpd, cleanup, qmgr, smtp), and as a before-filter
 * whose smtpd passes each command on without a queue (`smtpd_proxy_filter`), which is closest to the filter.
 */
import { accepts } from "../envoy/children.js";
import { groupCpu } from "../envoy/cpu.js";
import { freePort } from "../../peers/net.js";
import { findPostfix, PostfixInstance } from "../../peers/postfix-instance.js";
import { type Contestant, ContestantMissing } from "./contestant.js";

/** How long a load may take to leave the queue. */
const SETTLED_MS = 120_000;

/** Starts one private Postfix that serves both ways. @throws ContestantMissing, or Error with Postfix's message */
export async function startPostfix(upstream: number): Promise<Contestant[]> {
  const installation = await findPostfix().catch((error: unknown) => {
    throw new ContestantMissing(error instanceof Error ? error.message : String(error), { cause: error });
  });
  const ports = { relay: await freePort(), filter: await freePort() };
  const postfix = await PostfixInstance.start(installation, {
    settings: () => settingsOf(upstream),
    services: servicesOf(ports, upstream),
    ready: async () => (await accepts(ports.relay)) && (await accepts(ports.filter)),
  });
  let stopped: Promise<void> | undefined;
  const common = {
    cpu: () => groupCpu(postfix.leader),
    settled: () => postfix.settled(SETTLED_MS),
    // Both contestants are this one instance.
    stop: () => (stopped ??= postfix.stop()),
  };
  return [
    { ...common, name: "Postfix before-filter", port: ports.filter },
    { ...common, name: "Postfix relay with queue", port: ports.relay },
  ];
}

function settingsOf(upstream: number): Record<string, string> {
  return {
    myhostname: "relay.example.test",
    relay_domains: "example.test",
    relay_transport: `smtp:[127.0.0.1]:${upstream}`,
    smtp_host_lookup: "native",
    disable_dns_lookups: "yes",
    smtp_dns_support_level: "disabled",
    smtpd_tls_security_level: "none",
    smtp_tls_security_level: "none",
    message_size_limit: "0",
    mailbox_size_limit: "0",
    // Limits that protect against a single client would distort the result: the load is one client.
    smtpd_client_connection_count_limit: "0",
    smtpd_junk_command_limit: "1000000",
    in_flow_delay: "0",
    max_use: "100000",
  };
}

function servicesOf(ports: { relay: number; filter: number }, upstream: number): string[] {
  const unix =
    "bounce:bounce defer:bounce trace:bounce error:error retry:error smtp:smtp relay:smtp discard:discard";
  return [
    `127.0.0.1:${ports.relay} inet n - n - - smtpd`,
    `127.0.0.1:${ports.filter} inet n - n - - smtpd -o smtpd_proxy_filter=127.0.0.1:${upstream}`,
    "scache unix - - n - 1 scache",
    ...unix.split(" ").map((pair) => pair.replace(":", " unix - - n - - ")),
  ];
}
