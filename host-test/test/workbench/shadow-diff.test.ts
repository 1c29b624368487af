/** A live shadow says of every session what `diff` says of it when the two policies are tried one after the other. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { diff } from "../../cli/diff.js";
import { replay } from "../../cli/replay.js";
import { PAGES } from "../../pages/generated-pages.js";
import { captures, pathOf } from "../support/captures.js";
import { type AlertLine, replayedSessions, type ReplayedSession } from "../support/replayed.js";
import { runCommand } from "../support/run-command.js";

/** A session of `diff --json`; only those that change are there. */
interface Changed {
  session: { id: number };
  before: { verdict: string };
  after: { verdict: string };
}

const folder = mkdtempSync(join(tmpdir(), "shadow-"));
const shadowed = join(folder, "shadowed.json");
const strictly = join(folder, "strict.json");
const STRICT = { profile: "strict" };
writeFileSync(shadowed, JSON.stringify({ profile: "monitor", shadow: STRICT }));
writeFileSync(strictly, JSON.stringify(STRICT));
afterAll(() => rmSync(folder, { recursive: true }));

async function sessionsOf(path: string, policy: string): Promise<ReplayedSession[]> {
  const { out } = await runCommand(replay, [path, "--policy", policy, "--json"]);
  return replayedSessions(out);
}

type Decision = Omit<AlertLine, "event_type" | "connection_id" | "shadow" | "replay"> & { place: object };

const linesOf = <T>(out: string): T[] =>
  out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as T);

const isActing = ({ action }: AlertLine): boolean => action !== "detect";

/** What was decided and where; the strict policy's event names the mode and the reply too. */
function decision(alerts: readonly AlertLine[]): Decision | null {
  const acting = alerts.find(isActing);
  if (acting === undefined) return null;
  const { protection, reason, mode, action, phase, verb, reply, replay: place } = acting;
  return { protection, reason, mode, action, phase, ...(verb && { verb }), ...(reply && { reply }), place };
}

/**
 * Where the first decision rejects a command, the two sessions part: here it is carried out, there the server gets the
 * command after all. What comes later may then be decided otherwise.
 */
const PARTED: Record<string, string[]> = {
  // AUTH LOGIN in clear, which strict rejects: what the client said as user name and password is then read as commands.
  "suricata__bug-3616-smtp__input.pcap": ["0: terminated, prevented"],
  "suricata__smtp-raw-extraction__input.pcap": ["0: terminated, prevented"],
  // A MAIL that strict rejects leads to a message that the server refuses with a malformed reply.
  "suricata__smtp-errors__smtperr.pcap": ["1: prevented, terminated"],
};

/** @returns sessions with another verdict, such as `1: prevented, terminated` */
async function compare(path: string): Promise<string[]> {
  const [watched, strict] = [await sessionsOf(path, shadowed), await sessionsOf(path, strictly)];
  expect(watched.length).toBe(strict.length);
  watched.forEach((session, index) => {
    const alone = strict[index] as ReplayedSession;
    const { shadow, connection_id } = session.record;
    const { verdict } = alone.record;
    const name = `${path} session ${connection_id}`;
    const decided = decision(alone.alerts);
    expect(decision(session.alerts.filter((alert) => alert.shadow === true)), name).toEqual(decided);
    if (decided === null || decided.action === "terminate") expect(shadow?.verdict, name).toBe(verdict);
    else expect(["prevented", "terminated"], name).toContain(shadow?.verdict);
    if (decided === null) expect(shadow?.findings, name).toBe(alone.alerts.length);
  });
  await expectDiff(path, watched);
  return watched.flatMap(({ record: { connection_id: id, shadow } }, index) => {
    const { verdict } = (strict[index] as ReplayedSession).record;
    return verdict === shadow?.verdict ? [] : [`${id}: ${verdict}, ${shadow?.verdict}`];
  });
}

/** `diff` names each session that the shadow would have changed, as what it was and would have been. */
async function expectDiff(path: string, watched: readonly ReplayedSession[]): Promise<void> {
  const { out } = await runCommand(diff, [path, "--policy", "monitor", "--policy", strictly, "--json"]);
  const changed = linesOf<Changed>(out).filter(({ session }) => session !== undefined);
  const acting = watched.filter(({ alerts }) =>
    alerts.some((alert) => alert.shadow === true && isActing(alert)),
  );
  const prevented = changed.filter(
    ({ after }) => after.verdict === "prevented" || after.verdict === "terminated",
  );
  expect(prevented.map(({ session }) => session.id)).toEqual(
    acting.map(({ record }) => record.connection_id),
  );
  const before = new Map(watched.map(({ record }) => [record.connection_id, record.verdict]));
  for (const each of prevented) expect(each.before.verdict).toBe(before.get(each.session.id));
}

describe.each(captures())("$file: $what", ({ file }) => {
  test("the shadow decides as diff does", async () => {
    expect(await compare(pathOf(file))).toEqual(PARTED[file] ?? []);
  });
});

test("the shadow decides as diff does in the pages' conversations", { timeout: 120_000 }, async () => {
  for (const { id } of PAGES) {
    await compare(fileURLToPath(new URL(`../../vectors/${id}.md`, import.meta.url)));
  }
});
