/**
 * Exim to Exim with PIPECONNECT through real Envoy: from its second message on the client sends EHLO and what follows with
 * the greeting still to come, because it remembers what the server offered; a small message and the end of the stream, too.
 */
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { MailServer } from "../../judges/mail-server.js";
import { startExim } from "../../judges/servers/exim.js";
import { selfSigned } from "../../peers/net.js";
import { EximClient } from "../support/exim-client.js";
import { MtaLab, type Profile } from "../support/mta-lab.js";

const TIME = 60_000;

let certificate: Awaited<ReturnType<typeof selfSigned>>;
let server: MailServer;
let lab: MtaLab;

beforeAll(async () => {
  certificate = await selfSigned();
  server = await startExim(certificate);
  lab = await MtaLab.start({ exim: server.port });
}, TIME);

afterAll(async () => {
  await lab?.stop();
  await server?.stop();
  if (certificate !== undefined) await rm(certificate.directory, { recursive: true, force: true });
}, TIME);

/** How the client delivered each message, as its log has it: L with PIPELINING, L* with PIPECONNECT. */
async function manners(client: EximClient): Promise<string[]> {
  const delivered = (await client.log()).split("\n").filter((line) => line.includes(" => "));
  return delivered.map((line) => / (L[*.-]?) /.exec(line)?.[1] ?? "");
}

const ways: { profile: Profile; tls: boolean; findings: string[] }[] = [
  { profile: "recommended", tls: false, findings: [] },
  { profile: "recommended", tls: true, findings: [] },
  // STARTTLS is stripped, so that the client goes on in the clear.
  { profile: "strict", tls: true, findings: [] },
];

describe.each(ways)("$profile, with TLS where it is offered: $tls", ({ profile, tls, findings }) => {
  test("each of four messages arrives once, three of them early", { timeout: TIME }, async () => {
    const port = lab.port("exim", profile);
    const client = await EximClient.start(port, tls);
    onTestFinished(() => client.stop());
    const sender = `${profile}-${tls}@example.org`;
    // The third is too long to be sent before the greeting as a whole.
    const bodies = ["first", "second", `${"long line of the third\n".repeat(40_000)}`, "fourth"];
    for (const body of bodies) await client.send(sender, ["bob@judge.test"], `Subject: x\n\n${body}\n`);
    const kept = (await server.kept()).filter((message) => message.from === sender);
    const arrived = kept.map(({ content }) => content.slice(content.indexOf("\r\n\r\n") + 4)).sort();
    const sent = bodies.map((body) => `${body}\n`.replaceAll("\n", "\r\n"));
    expect(arrived).toEqual(sent.sort());
    expect(await manners(client)).toEqual(["L", "L*", "L*", "L*"]);
    expect(await lab.findings(port)).toEqual(findings);
  });
});
