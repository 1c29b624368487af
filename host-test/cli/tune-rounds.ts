/** Finds the policy: plays what was recorded, relaxes what prevented something, until nothing does. */
import { text } from "../workbench/bytes.js";
import type { Follower } from "../workbench/follower.js";
import type { Judge } from "../workbench/judge.js";
import type { Finding, SessionReport, Turn } from "../workbench/model.js";
import { Causes } from "./tune-causes.js";
import { type Tuned, WrittenPolicy } from "./tune-policy.js";

/** Plays all recordings once. @param tell gets each session's result and its file */
export type PlayAll = <T>(follower: Follower<T>, tell: (result: T, file: string) => void) => Promise<void>;

/** What the recordings gave. */
export interface Watched {
  causes: Causes;
  /** Sessions that the recording does not have to their end, or not without gaps. */
  incomplete: number;
}

/** What the recordings would go through under the new policy. */
export interface Checked {
  tuned: Tuned;
  /** Sessions that are prevented or ended under it all the same. */
  stillPrevented: number;
  /** Sessions in which STARTTLS is no longer offered. */
  stripped: number;
}

/** Plays the recordings under the policy that watches, which no finding cuts short. */
export async function watched(base: WrittenPolicy, judge: Judge, playAll: PlayAll): Promise<Watched> {
  const causes = new Causes();
  let incomplete = 0;
  const wouldPrevent = ({ protection, reason }: Finding): boolean =>
    base.modeOf(protection, reason) === "prevent";
  await playAll<SessionReport>(judge, (report, file) => {
    causes.addSession(file, report, wouldPrevent);
    if (report.incomplete !== null) incomplete++;
  });
  return { causes, incomplete };
}

/** What there is to satisfy. */
export interface Demand {
  base: WrittenPolicy;
  /** Of all traffic; what is found here is added. */
  causes: Causes;
  /** Reasons that logs have, as "id/reason": they cannot be tried. */
  logged: ReadonlySet<string>;
  /** Reasons of which a log would not show whether they occur. */
  unseen: ReadonlySet<string>;
}

/**
 * Plays the recordings under the new policy, and relaxes it further as long as something is prevented: where the filter
 * holds and edits, a session may go on otherwise than where it only watches. For the same reason something may have
 * been relaxed that is not found any more: that is prevented again, and tried.
 * @param judgeOf loads the filter with a policy's JSON
 */
export async function checked(
  { base, causes, logged, unseen }: Demand,
  judgeOf: (policy: string) => Judge,
  playAll: PlayAll,
): Promise<Checked> {
  const forced = new Causes();
  const triedAgain = new Set(logged);
  for (;;) {
    const tuned = base.without(causes, unseen, forced);
    const policy = new WrittenPolicy(JSON.stringify(tuned.json));
    const { found, unread, seen, ...counts } = await play(policy, judgeOf(policy.judged()), playAll);
    causes.join(found);
    forced.join(unread);
    const isStill = (): boolean =>
      JSON.stringify(base.without(causes, unseen, forced).json) === JSON.stringify(tuned.json);
    // What is prevented although its source is exempt.
    if (isStill()) forced.join(found);
    const isSame = isStill();
    const idle = isSame && tuned.unreadable.length === 0 ? notSeen(tuned, seen, triedAgain) : [];
    // Each round relaxes something, or takes back for the first time what was relaxed, or it is the last.
    if (isSame && idle.length === 0) return { tuned, ...counts };
    for (const name of idle) {
      triedAgain.add(name);
      causes.drop(name);
    }
  }
}

/** What one round found: by reasons that prevent, by others that end a session unread, and by any. */
interface Round extends Omit<Checked, "tuned"> {
  found: Causes;
  unread: Causes;
  seen: Set<string>;
}

async function play(policy: WrittenPolicy, judge: Judge, playAll: PlayAll): Promise<Round> {
  const round: Round = {
    found: new Causes(),
    unread: new Causes(),
    seen: new Set(),
    stillPrevented: 0,
    stripped: 0,
  };
  const isForced = ({ protection, reason }: Finding): boolean =>
    policy.modeOf(protection, reason) !== "prevent";
  await playAll<SessionReport>(judge, (report, file) => {
    round.found.addSession(file, report, (each) => isPrevented(each) && !isForced(each));
    round.unread.addSession(file, report, (each) => isPrevented(each) && isForced(each));
    for (const { protection, reason } of report.findings) round.seen.add(`${protection}/${reason}`);
    if (report.verdict === "prevented" || report.verdict === "terminated") round.stillPrevented++;
    if (report.turns.some(isStripped)) round.stripped++;
  });
  return round;
}

/** Reasons that were relaxed and are not found. */
function notSeen({ relaxed }: Tuned, seen: ReadonlySet<string>, except: ReadonlySet<string>): string[] {
  const names = relaxed.flatMap(({ id, detected }) => detected.map((reason) => `${id}/${reason}`));
  return names.filter((name) => !seen.has(name) && !except.has(name));
}

const isPrevented = ({ action }: Finding): boolean => action !== "detect";

/** A server's line that offers STARTTLS and does not reach the client. */
const isStripped = ({ kind, from, received, bytes }: Turn): boolean =>
  kind === "line" &&
  from === "server" &&
  received === 0 &&
  /^250[- ]STARTTLS\s*$/i.test(text(bytes.subarray(0, 16)));
