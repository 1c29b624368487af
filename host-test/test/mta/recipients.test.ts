/**
 * Recipients at real servers: what one of them delivers to a local user, the filter has seen, however it is written; and
 * what two of them take for different mailboxes is a finding. SMTP_INSPECTOR_RECIPIENTS says how many lines are played,
 * SMTP_INSPECTOR_SEED which.
 */
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MailServer } from "../../judges/mail-server.js";
import { startAiosmtpd } from "../../judges/servers/aiosmtpd.js";
import { startExim } from "../../judges/servers/exim.js";
import { startNpmServer } from "../../judges/servers/npm.js";
import { startOpenSmtpd } from "../../judges/servers/opensmtpd.js";
import { startPostfix } from "../../judges/servers/postfix.js";
import { recipientLines } from "../support/arbitrary-paths.js";
import { selfSigned } from "../../peers/net.js";
import { knownPaths, knownProperPaths } from "../support/known-paths.js";
import { properRecipientLines } from "../support/proper-paths.js";
import { RecipientFilter } from "../support/recipient-filter.js";
import { isLocal, normalized, RecipientTrial } from "../support/recipients.js";

const COUNT = Number(process.env["SMTP_INSPECTOR_RECIPIENTS"] ?? 2000);
/** Always the same ones unless told: what a run finds is to depend on the change that it tests. */
const SEED = Number(process.env["SMTP_INSPECTOR_SEED"] ?? 1);
/** Servers may have to be fetched first; OpenSMTPD, the slowest, takes 6 ms a line. */
const TIME = 180_000 + 20 * COUNT;

const STARTS = {
  Postfix: startPostfix,
  Exim: startExim,
  OpenSMTPD: startOpenSmtpd,
  aiosmtpd: (options: Parameters<typeof startExim>[0]) => startAiosmtpd("1.4.6", options),
  "smtp-server": startNpmServer,
};
type Server = keyof typeof STARTS;
const SERVERS = Object.keys(STARTS) as Server[];

const known = knownPaths(COUNT);
const lines = [...recipientLines(SEED, 0, COUNT), ...known.map(({ line }) => line)];
const knownProper = knownProperPaths(lines.length);
const generated = properRecipientLines(SEED, lines.length + knownProper.length, Math.ceil(COUNT / 4));
const proper = [...knownProper.map(({ line }) => line), ...generated];
const all = [...lines, ...proper];
/** By server: the mailboxes of each line that it accepted. */
const taken = new Map<Server, Map<number, string[]>>();

beforeAll(async () => {
  const certificate = await selfSigned();
  const judges: [Server, MailServer][] = [];
  try {
    // One after the other: each may have to be fetched first, and apt takes one at a time.
    for (const server of SERVERS)
      judges.push([server, await STARTS[server]({ ...certificate, patient: true })]);
    const hear = async ([server, judge]: [Server, MailServer]): Promise<void> => {
      const trial = new RecipientTrial(judge);
      await trial.give(all);
      taken.set(server, await trial.mailboxes());
    };
    await Promise.all(judges.map(hear));
  } finally {
    await Promise.all(judges.map(([, judge]) => judge.stop()));
    await rm(certificate.directory, { recursive: true, force: true });
  }
}, TIME);

/** The lines that a server takes for mail to a local user, with their numbers. */
function localAt(server: Server): [string, number][] {
  const isDelivered = (index: number): boolean => (taken.get(server)?.get(index) ?? []).some(isLocal);
  return all.map((line, index): [string, number] => [line, index]).filter(([, index]) => isDelivered(index));
}

describe.each(["recommended", "strict"])("in %s", (profile) => {
  const filter = new RecipientFilter({ profile });
  afterAll(() => filter.stop());

  test.each(SERVERS)("no local delivery at %s that the filter did not see", { timeout: TIME }, (server) => {
    const unseen = localAt(server).filter(([line]) => {
      const { noDomain, passed } = filter.judge(line);
      return noDomain.length === 0 || passed;
    });
    expect(unseen).toEqual([]);
  });

  test("what two servers take for different mailboxes is a finding", { timeout: TIME }, () => {
    const different = lines.filter((_, index) => {
      const mailboxes = SERVERS.flatMap((server) => taken.get(server)?.get(index) ?? []);
      return new Set(mailboxes.map(normalized)).size > 1;
    });
    expect(different.length).toBeGreaterThan(COUNT / 100);
    expect(different.filter((line) => filter.judge(line).findings.length === 0)).toEqual([]);
  });

  test("proper recipients pass without a finding", { timeout: TIME }, () => {
    // RFC 5321 allows routes and what shells read; that they are found is what these two are for.
    const protections = { address_metacharacters: "off", routed_address: "off" };
    const lenient = new RecipientFilter({ profile, protections });
    const found = proper.filter((line) => {
      const { findings, passed } = lenient.judge(line);
      return findings.length > 0 || !passed;
    });
    lenient.stop();
    expect(found).toEqual([]);
  });
});

describe("the judges can tell", () => {
  test.each([...known, ...knownProper])("$server takes $line for $mailbox", ({ number, server, mailbox }) => {
    expect(taken.get(server)?.get(number)).toContain(mailbox);
  });

  test.each(SERVERS)("%s takes proper recipients", (server) => {
    const count = proper.filter((_, index) => taken.get(server)?.has(lines.length + index)).length;
    expect(count).toBeGreaterThan(proper.length / 4);
  });

  test.each(SERVERS.filter((server) => server !== "smtp-server"))("%s delivers to local users", (server) => {
    expect(localAt(server).length).toBeGreaterThan(COUNT / 200);
  });

  test("some of that is written in a way that only the shape of the path gives away", () => {
    const filter = new RecipientFilter({ profile: "recommended" });
    const local = new Set(SERVERS.flatMap((server) => localAt(server).map(([line]) => line)));
    const reasons = [...local].flatMap((line) => filter.judge(line).noDomain);
    filter.stop();
    expect(reasons.filter((reason) => reason === "ambiguous").length).toBeGreaterThan(COUNT / 200);
  });
});
