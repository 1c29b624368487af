/** The account of the traffic notices what it is there to notice. */
import { expect, onTestFinished, test } from "vitest";
import { MailServer } from "./mail-server.js";
import { ALL_WELL, Traffic } from "./traffic.js";

test("lost, doubled, altered and unwanted mail", async () => {
  const server = await MailServer.start();
  onTestFinished(() => server.stop());
  const traffic = new Traffic(server.port, { clients: 1 });
  onTestFinished(() => traffic.stop());
  await traffic.more(3);
  await traffic.stop();
  const [first, second, ...others] = server.kept as [string, string, ...string[]];
  const [id, next] = [...traffic.fates.keys()];
  expect(traffic.account(server.kept)).toEqual(ALL_WELL);
  expect(traffic.account([second, ...others])).toEqual({ ...ALL_WELL, lost: [id] });
  expect(traffic.account([first, second, second, ...others])).toEqual({ ...ALL_WELL, doubled: [next] });
  const cut = first.slice(0, -2);
  expect(traffic.account([cut, second, ...others])).toEqual({
    ...ALL_WELL,
    lost: [id],
    altered: [cut.slice(0, 80)],
  });
  for (const fate of ["refused", "unsent"] as const) {
    traffic.fates.set(id as string, fate);
    expect(traffic.account(server.kept)).toEqual({ ...ALL_WELL, unwanted: [id] });
  }
});
