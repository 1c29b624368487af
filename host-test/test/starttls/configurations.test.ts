/** The configurations in envoy/starttls: Envoy takes them, mail goes through them inside TLS, and the filter reads it. */
import { readFileSync } from "node:fs";
import { copyFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTransport } from "nodemailer";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse, stringify } from "yaml";
import { EnvoyProcess } from "../../host/envoy-process.js";
import { KeepingServer } from "../../peers/mail.js";
import { selfSigned, waitFor } from "../../peers/net.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { ACCEPTED, validated } from "../support/envoy-validate.js";
import { Talk } from "./mail-peer.js";
import { librariesFolder, temporaryFolder } from "./switch-lab.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const binary = (await envoyOrNull("envoy/starttls in Envoy")) as string;
const FILES = ["envoy.yaml", "submission.yaml", "egress.yaml"] as const;
type File = (typeof FILES)[number];

interface Site {
  folder: string;
  /** Paths of certificate and key that Envoy reads; those that the server has are the same at the start. */
  cert: string;
  key: string;
  text: string;
}

/** A configuration with free ports, certificates of its own and the server on this port. */
async function site(file: File, upstream: number): Promise<Site> {
  const folder = await temporaryFolder();
  const [cert, key] = await renew(folder);
  const secrets = readFileSync(`${ROOT}envoy/starttls/certificate.yaml`, "utf8");
  await writeFile(join(folder, "certificate.yaml"), secrets.replaceAll("/etc/envoy/tls", folder));
  await writeFile(join(folder, "fullchain.pem"), readFileSync(cert));
  const text = readFileSync(`${ROOT}envoy/starttls/${file}`, "utf8")
    .replaceAll("envoy/starttls/certificate.yaml", join(folder, "certificate.yaml"))
    .replace("/etc/ssl/certs/ca-certificates.crt", cert)
    .replaceAll("build/smtp-inspector.wasm", `${ROOT}build/smtp-inspector.wasm`)
    .replaceAll(/port_value: (9901|2525|2587|2465)/g, "port_value: 0")
    .replace(/address: smtp.provider.example, port_value: 587/, `address: localhost, port_value: ${upstream}`)
    .replaceAll("port_value: 2526", `port_value: ${upstream}`)
    .replace("{ san_type: DNS, matcher: { exact: smtp.provider.example } }", IP_SAN);
  return { folder, cert, key, text };
}

/** The name in our certificates; the tests' server has no name. */
const IP_SAN = "{ san_type: IP_ADDRESS, matcher: { exact: 127.0.0.1 } }";

/** Puts a new certificate where Envoy reads it. @returns the paths */
async function renew(folder: string): Promise<[cert: string, key: string]> {
  const made = await selfSigned();
  onTestFinished(() => rm(made.directory, { recursive: true, force: true }));
  const places: [string, string] = [join(folder, "fullchain.pem"), join(folder, "privkey.pem")];
  await copyFile(made.key, `${places[1]}.new`);
  await copyFile(made.cert, `${places[0]}.new`);
  await rename(`${places[1]}.new`, places[1]);
  await rename(`${places[0]}.new`, places[0]);
  return places;
}

interface Running extends Site {
  envoy: EnvoyProcess;
  server: KeepingServer;
  port: (listener: string) => number;
}

/** Envoy with one of the files, before a mail server. @param tls whether the server offers STARTTLS */
async function start(file: File, tls: boolean): Promise<Running> {
  const server = await KeepingServer.start(tls ? {} : { hideSTARTTLS: true });
  onTestFinished(() => server.stop());
  const made = await site(file, server.port);
  const env = { ENVOY_DYNAMIC_MODULES_SEARCH_PATH: await librariesFolder() };
  const envoy = await EnvoyProcess.start({ binary, bootstrap: made.text, env });
  onTestFinished(() => envoy.stop());
  const ports = await envoy.ports();
  return { ...made, envoy, server, port: (listener) => ports.get(listener) as number };
}

async function open(port: number): Promise<Talk> {
  const talk = await Talk.open(port);
  onTestFinished(() => talk.destroy());
  return talk;
}

const MAIL = { from: "a@example.org", to: "b@example.test", subject: "inside", text: "read by the filter" };
const USER = { user: "tester", pass: "secret" };

describe.skipIf(binary === null)("Envoy takes without a warning", () => {
  test.each(FILES)("%s", async (file) => {
    process.env["ENVOY_DYNAMIC_MODULES_SEARCH_PATH"] = await librariesFolder();
    const { text } = await site(file, 25);
    expect(await validated(binary, text)).toEqual(ACCEPTED);
  });
});

describe.skipIf(binary === null)("envoy.yaml", () => {
  test("delivers inside TLS what the client says inside TLS, and rejects there", async () => {
    const { port, server, cert, envoy } = await start("envoy.yaml", true);
    const tls = { ca: readFileSync(cert) };
    const transport = createTransport({ host: "127.0.0.1", port: port("smtp"), requireTLS: true, tls });
    await transport.sendMail(MAIL);
    const [kept] = await server.received(1);
    expect([kept?.from, kept?.secure]).toEqual(["a@example.org", true]);
    const talk = await open(port("smtp"));
    await talk.client.reply();
    expect(await talk.client.ask("EHLO c.example")).toContain("STARTTLS");
    expect(await talk.client.ask("STARTTLS")).toMatch(/^220 /);
    await talk.encrypt(tls);
    expect(await talk.client.ask("EHLO c.example")).not.toContain("STARTTLS");
    expect(await talk.client.ask("XADR")).toBe("502 5.5.1 private_command: rejected by policy");
    const stats = [...(await envoy.stats())].filter(([name]) => name.endsWith("ssl.handshake"));
    expect(stats.map(([, value]) => value)).toEqual([2, 2]);
  });

  test("delivers in clear to a server that has no TLS", async () => {
    const { port, server, cert } = await start("envoy.yaml", false);
    const tls = { ca: readFileSync(cert) };
    await createTransport({ host: "127.0.0.1", port: port("smtp"), requireTLS: true, tls }).sendMail(MAIL);
    expect((await server.received(1)).map(({ secure }) => secure)).toEqual([false]);
  });

  test("gives new sessions a renewed certificate, and those that run go on", async () => {
    const { port, cert, folder } = await start("envoy.yaml", false);
    const old = readFileSync(cert);
    const before = await open(port("smtp"));
    await before.askForTls();
    await before.encrypt({ ca: old });
    const between = await open(port("smtp"));
    await between.askForTls();
    await renew(folder);
    const renewed = { ca: readFileSync(cert) };
    await waitFor(async () => {
      const talk = await open(port("smtp"));
      await talk.askForTls();
      return talk.encrypt(renewed).then(
        () => true,
        () => false,
      );
    }, "the new certificate");
    // It has the certificate that there was when it began.
    await between.encrypt({ ca: old });
    for (const { client } of [before, between]) expect(await client.ask("EHLO c.example")).toMatch(/^250/);
  });
});

describe.skipIf(binary === null)("submission.yaml", () => {
  test("takes no password in clear, and takes it inside STARTTLS and on the port of TLS", async () => {
    const { port, server, cert } = await start("submission.yaml", false);
    const plain = await open(port("submission"));
    await plain.client.reply();
    const offer = await plain.client.ask("EHLO c.example");
    expect(offer).toContain("STARTTLS");
    expect(offer).not.toContain("AUTH");
    expect(await plain.client.ask("AUTH PLAIN AHRlc3RlcgBzZWNyZXQ=")).toMatch(/^538 5\.7\.11 /);
    const tls = { ca: readFileSync(cert) };
    const ports = { submission: { requireTLS: true }, submissions: { secure: true } };
    for (const [name, how] of Object.entries(ports))
      await createTransport({ host: "127.0.0.1", port: port(name), auth: USER, tls, ...how }).sendMail(MAIL);
    expect((await server.received(2)).map(({ user }) => user)).toEqual(["tester", "tester"]);
  });
});

describe.skipIf(binary === null)("egress.yaml", () => {
  test("delivers by TLS what came in clear, to a provider whose certificate verifies", async () => {
    const folder = await temporaryFolder();
    const [cert, key] = await renew(folder);
    const server = await KeepingServer.start({ cert: readFileSync(cert), key: readFileSync(key) });
    onTestFinished(() => server.stop());
    const { text } = await site("egress.yaml", server.port);
    const bootstrap = parse(text) as { static_resources: { clusters: object[] } };
    const own = stringify(bootstrap).replace(/filename: \S+fullchain\.pem/, `filename: ${cert}`);
    const env = { ENVOY_DYNAMIC_MODULES_SEARCH_PATH: await librariesFolder() };
    const envoy = await EnvoyProcess.start({ binary, bootstrap: own, env });
    onTestFinished(() => envoy.stop());
    const port = (await envoy.ports()).get("smtp") as number;
    await createTransport({ host: "127.0.0.1", port, ignoreTLS: true }).sendMail(MAIL);
    expect((await server.received(1)).map(({ secure }) => secure)).toEqual([true]);
  });

  test.each([true, false])(
    "sends nothing where it does not verify, or is not there (offered: %s)",
    async (tls) => {
      const { port, server } = await start("egress.yaml", tls);
      const talk = await open(port("smtp"));
      await talk.client.reply();
      talk.client.send("EHLO app.example\r\n");
      const after = (await talk.client.closed()).split("\r\n").slice(1, -1);
      // Envoy closes for a failed handshake before anybody can say why.
      expect(after).toEqual(tls ? [] : ["421 4.7.0 starttls_unavailable: connection closed by policy"]);
      expect(server.kept).toEqual([]);
    },
  );
});
