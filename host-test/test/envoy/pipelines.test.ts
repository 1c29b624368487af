/** The ways from Envoy's log to where events are looked at (envoy/pipelines), on what a real Envoy wrote. */
import { spawn, spawnSync } from "node:child_process";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { waitFor, within } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";
import { envoyBootstrap } from "../../host/envoy-bootstrap.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import { KeepingServer } from "../../peers/mail.js";
import { envoyOrNull } from "../support/envoy-or-not.js";
import { eventFault } from "../support/event-check.js";

const WASM = fileURLToPath(new URL("../../../build/smtp-inspector.wasm", import.meta.url));
const PIPELINES = fileURLToPath(new URL("../../../envoy/pipelines/", import.meta.url));
const ENV = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`, LC_ALL: "C.UTF-8" };
const binary = await envoyOrNull("the pipelines of Envoy's log");

/** CI installs these; elsewhere what needs one that is missing is left out. */
function lacks(program: string): boolean {
  const found = spawnSync("sh", ["-c", `command -v ${program}`], { env: ENV }).status === 0;
  if (!found && process.env["CI"] === "true") throw new Error(`CI needs ${program}`);
  return !found;
}

/** What Envoy logs of others, and what somebody would like to pass for an event. */
const FORGED = [
  "[2026-11-28 06:51:07.004][12][debug][http] [source/common/http/conn_manager_impl.cc:1] 'user-agent', " +
    '\'[2026-11-28 06:51:07.004][12][info][wasm] [a.cc:1] wasm log: {"timestamp":"x"}\'',
  'wasm log smtp_inspector smtp_inspector smtp_inspector: {"timestamp":"x"}',
  "[2026-11-28 06:51:07.004][12][error][wasm] [a.cc:1] wasm log smtp_inspector: a connection was closed",
];

interface Line {
  event_type: string;
  connection_id: number;
  alert?: object;
}

describe.skipIf(binary === null)("a real Envoy's log", () => {
  let folder: string;
  let log: string;
  let accessLog: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "pipelines-"));
    log = join(folder, "envoy.log");
    const server = await KeepingServer.start();
    const path = join(folder, "access.log");
    const listener = { name: "smtp", wasm: WASM, policy: "{}", upstreamPort: server.port, accessLog: path };
    const envoy = await EnvoyProcess.start({
      binary: binary as string,
      bootstrap: withJson(envoyBootstrap([listener]), await accessLogFormat()),
      defaultLog: true,
      args: ["--file-flush-interval-msec", "50"],
    });
    const port = (await envoy.ports()).get("smtp") as number;
    for (const verb of ["NOOP", 'XADR "\\\x01']) {
      const client = await RawClient.connect(port);
      for (const line of ["", "EHLO a.example", verb, "QUIT"]) {
        if (line !== "") client.send(`${line}\r\n`);
        await client.reply();
      }
      await client.end();
    }
    await waitFor(async () => {
      accessLog = (await readFile(path, "utf8")).split("\n").slice(0, -1);
      return accessLog.length === 2;
    }, "the access log");
    await envoy.stop();
    await server.stop();
    await writeFile(log, `${[...FORGED, ...envoy.logs].join("\n")}\n`);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** What sed makes of it. */
  const stripped = (): string => run("sed", ["-nEf", join(PIPELINES, "strip.sed"), log]);

  test("sed leaves the events and the record, and nothing that only looks like one", () => {
    const lines = stripped().trimEnd().split("\n");
    expect(lines.flatMap((line) => eventFault(line) ?? [])).toEqual([]);
    expect(lines.map((line) => (JSON.parse(line) as Line).event_type)).toEqual(["alert", "alert", "smtp"]);
  });

  test.skipIf(lacks("jq"))("jq makes EVE's alert of a finding, and leaves a record as it is", () => {
    const lines = run("jq", ["-cf", join(PIPELINES, "eve.jq")], stripped())
      .trimEnd()
      .split("\n");
    const [first, second, record] = lines.map((line) => JSON.parse(line) as Line);
    expect(first?.alert).toEqual({
      action: "blocked",
      signature: "SMTP Inspector binary_data_in_command: control",
      category: "binary_data_in_command",
      severity: 2,
    });
    expect(second?.alert).toMatchObject({ signature: "SMTP Inspector private_command: private_verb" });
    expect(record).not.toHaveProperty("alert");
    expect(eventFault(lines[2] as string)).toBeNull();
  });

  test.skipIf(lacks("rsyslogd"))("rsyslog writes the same lines, also those that come later", async () => {
    const [configuration, output] = [join(folder, "rsyslog.conf"), join(folder, "smtp-inspector.json")];
    const text = (await readFile(join(PIPELINES, "rsyslog.conf"), "utf8"))
      .replace("/var/spool/rsyslog", folder)
      .replace("/var/log/envoy/envoy.log", log)
      .replace("/var/log/envoy/smtp-inspector.json", output);
    await writeFile(configuration, text);
    const before = stripped();
    const child = spawn("rsyslogd", ["-n", "-f", configuration, "-i", join(folder, "pid")], {
      env: ENV,
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.once("close", resolve));
    onTestFinished(async () => {
      child.kill("SIGTERM");
      await within(ended, "rsyslogd to end");
    });
    const written = async (): Promise<string> => readFile(output, "utf8").catch(() => "");
    await waitFor(async () => (await written()).length >= before.length, "the first lines", 20_000);
    expect(await written()).toBe(before);
    const [alert = ""] = before.split("\n");
    await appendFile(
      log,
      `${FORGED[0]}\n[2026-11-28 06:51:08.004][12][info][wasm] [a.cc:1] wasm log a b c: ${alert}\n`,
    );
    await waitFor(async () => (await written()).length > before.length, "a later line", 20_000);
    expect(await written()).toBe(`${before}${alert}\n`);
  });

  test.each([
    ["vector.yaml", /r'(\^.*)'\)/],
    ["fluent-bit.yaml", /regex: '(\^.*)'/],
    ["filebeat.yml", /include_lines:\s+\['(\^.*)'\]/],
  ])("the expression of %s finds the same lines, and its YAML can be read", async (file, place) => {
    const text = await readFile(join(PIPELINES, file), "utf8");
    expect(parse(text)).toBeTypeOf("object");
    const expression = new RegExp((place.exec(text)?.[1] ?? "nothing").replace("(?P<", "(?<"));
    const lines = (await readFile(log, "utf8")).split("\n").filter((line) => expression.test(line));
    expect(lines.map((line) => line.replace(/^.*?: (?=\{)/, ""))).toEqual(stripped().trimEnd().split("\n"));
  });

  test("the access log is JSON, with the record of each session in it", async () => {
    const lines = accessLog.map(
      (line) => JSON.parse(line) as { connection_id: number; start_time: string; smtp_inspector: string },
    );
    expect(lines.flatMap(({ smtp_inspector: record }) => eventFault(record) ?? [])).toEqual([]);
    const records = lines.map(
      (line) => JSON.parse(line.smtp_inspector) as Line & { verdict: string; timestamp: string },
    );
    expect(records.map(({ verdict }) => verdict)).toEqual(["clean", "prevented"]);
    for (const [at, line] of lines.entries()) {
      expect(records[at]).toMatchObject({ connection_id: line.connection_id, timestamp: line.start_time });
    }
  });
});

/** The format of envoy/pipelines/access-log.yaml. */
async function accessLogFormat(): Promise<object> {
  const { access_log: logs } = parse(await readFile(join(PIPELINES, "access-log.yaml"), "utf8")) as {
    access_log: { typed_config: { log_format: object } }[];
  };
  return logs[0]?.typed_config.log_format as object;
}

/** A bootstrap whose access log has this format. */
const withJson = (bootstrap: object, format: object): object =>
  JSON.parse(
    JSON.stringify(bootstrap, (key, value: unknown) => (key === "log_format" ? format : value)),
  ) as object;

/** What a program prints. @throws Error when it fails */
function run(program: string, args: string[], input = ""): string {
  const { status, stdout, stderr } = spawnSync(program, args, { env: ENV, input, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return stdout;
}
