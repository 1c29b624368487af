/** Watches a plugin: every connection that goes through it becomes lines for people, as it happens. */
import type { Connection, Plugin } from "../host/plugin.js";
import { eventIn } from "../workbench/evidence.js";
import type { Side } from "../workbench/model.js";
import { LiveSession } from "./live-session.js";

/** What a watcher is told. */
export interface Watcher {
  /** One line about a session, safe for a terminal; without the newline. */
  line(text: string): void;
  /** What the filter logs beside findings. */
  log(level: string, message: string): void;
  /** A session has ended. */
  ended(findings: number): void;
}

/** From here on every connection of `plugin` is shown to `watcher`, also those that a later policy judges. */
export function watch(plugin: Plugin, watcher: Watcher): void {
  const connect = plugin.connect.bind(plugin);
  let current: LiveSession | null = null;
  plugin.onLog = ({ level, message }) => {
    const event = eventIn(message);
    if (event === null) watcher.log(level, message);
    else current?.events.push(message);
  };
  const enter = <T>(session: LiveSession, act: () => T): T => {
    current = session;
    try {
      return act();
    } finally {
      current = null;
    }
  };
  plugin.connect = (options = {}) => {
    const session = new LiveSession(++sessions, options, watcher);
    const connection = enter(session, () => connect({ ...options, sink: session.sink(options.sink) }));
    const said = (side: Side, call: Connection["fromClient"]): Connection["fromClient"] => {
      return (bytes, end) => session.run(side, bytes, () => enter(session, () => call(bytes, end)));
    };
    connection.fromClient = said("client", connection.fromClient.bind(connection));
    connection.fromServer = said("server", connection.fromServer.bind(connection));
    return connection;
  };
}

/** Sessions of this process, to number them. */
let sessions = 0;
