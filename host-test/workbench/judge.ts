/** The filter under one policy, and its clock. */
import type { ManualClock } from "../host/clock.js";
import type { Plugin } from "../host/plugin.js";
import type { Follower } from "./follower.js";
import type { SessionReport, SessionStart } from "./model.js";
import { Player } from "./player.js";

/** Follows sessions and reports on each. */
export class Judge implements Follower<SessionReport> {
  readonly judges = [this];

  constructor(
    readonly plugin: Plugin,
    readonly clock: ManualClock,
  ) {}

  open(start: SessionStart): Player {
    return new Player(this.plugin, start);
  }
}
