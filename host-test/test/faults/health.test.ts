/** Health checks of load balancers pass the filter without a finding, and mail flows meanwhile. */
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { within } from "../../peers/net.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { FaultLab, LONG } from "./lab.js";

const binary = await envoyOrNull("faults: health checks");

type Ending = "closes" | "resets" | "waits";

/** What each kind sends after the reply to the line before, and how it ends. */
const CHECKS: [string, string[], Ending][] = [
  ["connect and close", [], "closes"],
  ["connect and reset", [], "resets"],
  ["HAProxy's smtpchk: HELO, QUIT", ["HELO localhost\r\n", "QUIT\r\n"], "waits"],
  ["HAProxy's smtpchk EHLO: EHLO, QUIT", ["EHLO hahost.example.org\r\n", "QUIT\r\n"], "waits"],
  ["HELO, and a reset after its reply", ["HELO localhost\r\n"], "resets"],
  ["NOOP, QUIT", ["NOOP\r\n", "QUIT\r\n"], "waits"],
];

/** @returns the codes of the replies */
async function check(port: number, lines: string[], ending: Ending): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  let codes = "";
  const closed = once(socket, "close");
  await within(once(socket, "connect"), "the connection");
  for (const line of lines) {
    const [reply] = (await within(once(socket, "data"), "a reply")) as [Buffer];
    codes += reply.toString("latin1", 0, 3) + " ";
    socket.write(line);
  }
  if (ending === "resets") socket.resetAndDestroy();
  else if (ending === "closes") socket.destroy();
  else codes += String(await within(once(socket, "data"), "the last reply")).slice(0, 3);
  await within(closed, "the connection to end");
  return codes.trim();
}

describe.skipIf(binary === null)("health checks", () => {
  test.each(["monitor", "recommended", "strict"])("%s", async (profile) => {
    const policy = JSON.stringify({ stat_prefix: "faults", profile });
    const lab = await FaultLab.start({ binary: binary as string, policy });
    const traffic = lab.traffic({ clients: 2 });
    for (let round = 0; round < (LONG ? 100 : 10); round++) {
      const codes = await Promise.all(CHECKS.map(([, lines, ending]) => check(lab.port, lines, ending)));
      expect(codes).toEqual(["", "", "220 250 221", "220 250 221", "220", "220 250 221"]);
      await traffic.more(1);
    }
    await lab.settle(traffic);
    expect([traffic.cut, traffic.count("accepted")]).toEqual([0, traffic.fates.size]);
    expect(lab.envoy.wasmLogs).toEqual([]);
    await lab.quiet();
  });
});
