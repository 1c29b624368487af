/**
 * The hostile streams at Postfix, inside TLS that the filter ends: the same commands run, the same messages arrive and the
 * same is found as in clear.
 */
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { switchPaths } from "../../cli/build-starttls.js";
import { buildSwitchOnce } from "../../host/envoy-switch.js";
import { STREAMS } from "../../judges/all-streams.js";
import { type Cell, Court, type Setting } from "../../judges/run.js";
import { startPostfix } from "../../judges/servers/postfix.js";
import type { Stream } from "../../judges/steps.js";
import { accepted, arrived, broken, codes } from "../../judges/verdict.js";

const TIME = 200_000;
/** Inside TLS there is no greeting that a client could come before. */
const inside = STREAMS.filter(({ steps }) => steps[0] !== undefined && "reply" in steps[0]);
/** Streams that mean something else there: STARTTLS is refused inside TLS, so that no TLS begins. */
const AGAIN = /^STARTTLS/;
const PROFILES = ["recommended", "strict"] as const;
/** RFC 3207 4.2: no STARTTLS inside TLS, and none with parameters. In strict a client may not ask for what was not offered. */
const REFUSED = {
  recommended: /^(?:503 5\.5\.1 TLS is on|501 5\.5\.4 lax_command_syntax:)/m,
  strict: /^(?:504 5\.5\.4 unannounced_extension:|501 5\.5\.4 lax_command_syntax:)/m,
};
/** How often a stream is played again, alone: how long it waits for a server that says nothing decides what it says next. */
const AGAIN_MOST = 3;

let court: Court;
let cells: Cell[];

beforeAll(async () => {
  const paths = switchPaths();
  await buildSwitchOnce(paths);
  court = await Court.open({ starts: [startPostfix], switchFolder: dirname(paths.output) });
  const settings: Setting[] = ["recommended", "strict", "recommended in TLS", "strict in TLS"];
  cells = await court.hear(inside, { settings });
  for (let round = 0; round < AGAIN_MOST; round++) {
    const streams = inside.filter((each) => !isAlike(each));
    if (streams.length === 0) break;
    const again = await court.hear(streams, { settings });
    cells = [...cells.filter(({ stream }) => !streams.includes(stream)), ...again];
  }
}, TIME);

const isAlike = (stream: Stream): boolean =>
  PROFILES.every((profile) => {
    const [clear, inTls] = [cellOf(stream, profile), cellOf(stream, `${profile} in TLS`)];
    return (
      AGAIN.test(stream.name) || isPassword(clear) || isDeepStrictEqual(verdict(clear, 1), verdict(inTls, 3))
    );
  });

const isPassword = ({ findings }: Cell): boolean =>
  findings.some(({ protection }) => protection === "cleartext_auth");

afterAll(() => court?.close(), TIME);

function cellOf(stream: Stream, setting: string): Cell {
  const found = cells.find((cell) => cell.stream === stream && cell.setting === setting);
  if (found === undefined) throw new Error(`${stream.name} was not played in ${setting}`);
  return found;
}

/** What a stream came to. @param first how many replies came before those of the stream itself */
function verdict(cell: Cell, first: number): object {
  const found = cell.findings.map(({ protection, reason, action }) => `${protection}/${reason} ${action}`);
  return {
    arrived: arrived(cell),
    content: cell.kept.map(({ content }) => content),
    replies: codes(cell).slice(first),
    closed: cell.seen.closed,
    findings: found,
    messages: cell.summary.messages,
    verdict: cell.summary.verdict,
  };
}

describe.each(PROFILES)("in %s", (profile) => {
  test.each(inside.filter(({ name }) => !AGAIN.test(name)))("$name", (stream) => {
    const inTls = cellOf(stream, `${profile} in TLS`);
    expect(inTls.summary.tls).toBe(true);
    // Greeting; greeting, EHLO and STARTTLS.
    const clear = cellOf(stream, profile);
    // In clear strict refuses passwords; inside TLS they are no finding.
    if (isPassword(clear)) expect(isPassword(inTls)).toBe(false);
    else expect(verdict(inTls, 3)).toEqual(verdict(clear, 1));
  });

  test.each(inside.filter(({ name }) => AGAIN.test(name)))("$name: refused inside TLS", (stream) => {
    const cell = cellOf(stream, `${profile} in TLS`);
    expect(cell.seen.transcript).toMatch(REFUSED[profile]);
    expect(cell.kept.filter(({ from }) => from.startsWith("hidden"))).toEqual([]);
    expect(cell.findings.filter(({ protection }) => protection.startsWith("starttls_"))).toEqual([]);
  });
});

test("no hidden message arrives inside TLS, and none that the filter did not see", () => {
  const inTls = cells.filter(({ setting }) => setting === "strict in TLS");
  expect(inTls.map(({ stream }) => stream)).toHaveLength(inside.length);
  expect(inside.length).toBeGreaterThanOrEqual(60);
  expect(inTls.filter((cell) => arrived(cell).includes("H")).map(({ stream }) => stream.name)).toEqual([]);
  expect(inTls.filter((cell) => cell.summary.messages !== cell.kept.length)).toEqual([]);
  expect(broken(cells.filter(({ setting }) => setting === "strict"))).toEqual([]);
  expect(new Set(inTls.map(accepted)).size).toBeGreaterThan(5);
});
