/** A live shadow says of every session what `diff` says of it when the two policies are tried one after the other. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { diff } from "../../cli/diff.js";
import { replay } from "../../cli/replay.js";
import { PAGES } from "../../pages/generated-pages.js";
import type { Finding } from "../../workbench/model.js";
import { captures, pathOf } from "../support/captures.js";
import { runCommand } from "../support/run-command.js";

/** A session of `replay --json`. */
interface Session {
  id: number;
  verdict: string;
  findings: Finding[];
  shadow?: { verdict: string; count: number; findings: Finding[] };
}

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

async function sessionsOf(path: string, policy: string): Promise<Session[]> {
  const { out } = await runCommand(replay, [path, "--policy", policy, "--json"]);
  return linesOf<{ session?: Session }>(out).flatMap(({ session }) => session ?? []);
}

const linesOf = <T>(out: string): T[] =>
  out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as T);

const isActing = ({ action }: Finding): boolean => action !== "detect";

/** What was decided and where; the strict policy's event names the mode and the reply too. */
const decision = (findings: readonly Finding[]): Finding | null => findings.find(isActing) ?? null;

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
    const alone = strict[index] as Session;
    const { shadow } = session;
    const name = `${path} session ${session.id}`;
    const decided = decision(alone.findings);
    expect(decision(shadow?.findings ?? []), name).toEqual(decided);
    if (decided === null || decided.action === "terminate") expect(shadow?.verdict, name).toBe(alone.verdict);
    else expect(["prevented", "terminated"], name).toContain(shadow?.verdict);
    if (decided === null) expect(shadow?.count, name).toBe(alone.findings.length);
  });
  await expectDiff(path, watched);
  return watched.flatMap(({ id, shadow }, index) => {
    const { verdict } = strict[index] as Session;
    return verdict === shadow?.verdict ? [] : [`${id}: ${verdict}, ${shadow?.verdict}`];
  });
}

/** `diff` names each session that the shadow would have changed, as what it was and would have been. */
async function expectDiff(path: string, watched: readonly Session[]): Promise<void> {
  const { out } = await runCommand(diff, [path, "--policy", "monitor", "--policy", strictly, "--json"]);
  const changed = linesOf<Changed>(out).filter(({ session }) => session !== undefined);
  const acting = watched.filter(({ shadow }) => shadow?.findings.some(isActing));
  const prevented = changed.filter(
    ({ after }) => after.verdict === "prevented" || after.verdict === "terminated",
  );
  expect(prevented.map(({ session }) => session.id)).toEqual(acting.map(({ id }) => id));
  const before = new Map(watched.map(({ id, verdict }) => [id, verdict]));
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
