/** Follows the sessions of a recording: one judge, two that are compared, or one that only records. */
import type { ManualClock } from "../host/clock.js";
import type { Plugin } from "../host/plugin.js";
import type { SessionReport, SessionStart, Side } from "./model.js";

/** A filter that plays sessions, and its time. */
export interface Playing {
  readonly plugin: Plugin;
  readonly clock: ManualClock;
}

/** @typeParam T what is known of a session at its end */
export interface Follower<T> {
  /** The plugins whose clock follows the recording. */
  readonly judges: readonly Playing[];
  /** A session begins. */
  open(start: SessionStart): Follows<T>;
}

/** Follows one session. */
export interface Follows<T> {
  /** About how many bytes the result of the session takes, at most. */
  readonly held: number;
  /** @param bytes what one side sent in one segment; the view is good during the call only @param gap bytes that the capture lacks before them */
  say(side: Side, bytes: Uint8Array, timeNs: bigint, gap?: number): void;
  /** One side ended its stream. */
  end(side: Side, how: "fin" | "reset", timeNs: bigint): void;
  /** In the recording TLS starts with a side here, and what follows was said inside. */
  startTls(side: Side): void;
  /** What follows cannot be understood. @param why for people */
  stopJudging(why: string): void;
  /** The session is over. */
  finish(timeNs: bigint): T;
}

/** Plays each session through two filters. */
export const both = (before: Follower<SessionReport>, after: Follower<SessionReport>): Follower<Both> => ({
  judges: [...before.judges, ...after.judges],
  open(start) {
    const players = [before.open(start), after.open(start)] as const;
    const [one, other] = players;
    return {
      get held() {
        return one.held + other.held;
      },
      say(...said) {
        for (const player of players) player.say(...said);
      },
      end(...ended) {
        for (const player of players) player.end(...ended);
      },
      startTls(side) {
        for (const player of players) player.startTls(side);
      },
      stopJudging(why) {
        for (const player of players) player.stopJudging(why);
      },
      finish: (timeNs) => [one.finish(timeNs), other.finish(timeNs)],
    };
  },
});

/** The same session under two policies. */
export type Both = [before: SessionReport, after: SessionReport];
