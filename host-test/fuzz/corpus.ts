/** Sessions as files: the corpus, and the faults. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Coverage, Feature } from "./coverage.js";
import type { Executor } from "./executor.js";
import type { Crash } from "./fuzzer.js";
import { POLICIES } from "./policies.js";
import type { Session } from "./session.js";
import { read, sizeOf, write } from "./session.js";
import { shrink } from "./shrink.js";

/** A file has the sessions of one policy, with an empty line between them. */
const SUFFIX = ".smtp";

/** The sessions of a folder; none when there is no folder. @throws Error naming the file that cannot be read */
export function loadCorpus(folder: string): Session[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .sort()
    .flatMap((name) => readSessions(join(folder, name)));
}

/** The sessions of a file, or of a report, which has one in a separate block. @throws Error naming the file */
export function readSessions(path: string): Session[] {
  const text = readFileSync(path, "utf8");
  const block = /^```smtp-events\n(.*?)^```/ms.exec(text)?.[1];
  try {
    const [comment = "", ...sessions] = `\n${block ?? text}`.split(/^(?=policy )/m);
    if (/^[^#\n]/m.test(comment) || sessions.length === 0) throw new Error("it does not begin with a policy");
    return sessions.map(read);
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** Replaces the corpus of a folder. */
export function saveCorpus(folder: string, sessions: readonly Session[]): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (name.endsWith(SUFFIX)) rmSync(join(folder, name));
  POLICIES.forEach(({ name }, index) => {
    const texts = new Set(sessions.filter(({ policy }) => policy === index).map(write));
    if (texts.size > 0) writeFileSync(join(folder, `${name}${SUFFIX}`), [...texts].join("\n"));
  });
}

/** The most runs for making one session shorter. */
const SHORTEN_BUDGET = 60;

/**
 * The fewest and shortest sessions that reach all that these reach: for each feature the shortest that has it, without
 * those that others make superfluous, and of each the part that only it reaches.
 * @param coverage a fresh one
 */
export function minimize(sessions: readonly Session[], executor: Executor, coverage: Coverage): Session[] {
  const featuresOf = (session: Session): Feature[] => {
    const run = executor.run(session);
    return "law" in run ? [] : coverage.featuresOf(executor.counters, run.kinds);
  };
  const bySize = [...sessions].sort((a, b) => sizeOf(a) - sizeOf(b));
  const seen = new Set<Feature>();
  const kept: { session: Session; features: Feature[] }[] = [];
  for (const session of bySize) {
    const features = featuresOf(session);
    if (features.every((feature) => seen.has(feature))) continue;
    for (const feature of features) seen.add(feature);
    kept.push({ session, features });
  }
  /** How many of the kept sessions have it. */
  const count = new Map<Feature, number>();
  const add = (features: readonly Feature[], by: number): void => {
    for (const feature of features) count.set(feature, (count.get(feature) ?? 0) + by);
  };
  for (const { features } of kept) add(features, 1);
  const few: Session[] = [];
  for (const { session, features } of kept.reverse()) {
    const own = features.filter((feature) => count.get(feature) === 1);
    add(features, -1);
    if (own.length === 0) continue;
    const reaches = (candidate: Session): boolean => {
      const reached = new Set(featuresOf(candidate));
      return own.every((feature) => reached.has(feature));
    };
    const short = shrink(session, reaches, SHORTEN_BUDGET);
    add(featuresOf(short), 1);
    few.push(short);
  }
  return few.reverse();
}

/** Writes a readable report that `--replay` accepts. @returns its path */
export function writeCrash(folder: string, { fault, session }: Crash): string {
  mkdirSync(folder, { recursive: true });
  const name = `${fault.law}-${fault.key}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 60);
  const events = write(session);
  const path = join(folder, `${name}-${hash(events)}.md`);
  const policy = POLICIES[session.policy]?.json ?? "";
  const block = (kind: string, content: string): string => `\`\`\`${kind}\n${content.trimEnd()}\n\`\`\`\n`;
  const text = [
    `# ${fault.law}: ${fault.key}\n`,
    block("text", fault.detail),
    "Policy:\n",
    block("json", policy),
    "Session (C: the client, then the server answers; c: the client; S: the server; A: its next reply; R: its replies):\n",
    block("smtp-events", events),
  ];
  writeFileSync(path, text.join("\n"));
  return path;
}

const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 10);
