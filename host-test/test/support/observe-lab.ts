/** A real Envoy whose log, access log and statistics are looked at. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { envoyBootstrap } from "../../host/envoy-bootstrap.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import { KeepingServer } from "../../peers/mail.js";
import { waitFor } from "../../peers/net.js";
import { RawClient } from "../../peers/smtp-client.js";
import { eventOf } from "../../workbench/events.js";

const WASM = fileURLToPath(new URL("../../../build/smtp-inspector.wasm", import.meta.url));

/** What Envoy itself says of a connection, then the filter's record. */
const ACCESS_LOG =
  "%CONNECTION_ID% %START_TIME(%Y-%m-%dT%H:%M:%S.%6fZ)% %DOWNSTREAM_REMOTE_ADDRESS% " +
  "%FILTER_STATE(wasm.smtp_inspector:PLAIN)%\n";

/** A line of the access log. */
export interface AccessLine {
  id: number;
  start: string;
  address: string;
  record: string;
}

/** An Envoy with one listener before a server that keeps what it gets; stopped at the end of the test. */
export class ObserveLab {
  private constructor(
    readonly envoy: EnvoyProcess,
    readonly server: KeepingServer,
    readonly port: number,
    private readonly accessLog: string,
  ) {}

  static async start(
    binary: string,
    policy: object,
    change = (bootstrap: object): object => bootstrap,
  ): Promise<ObserveLab> {
    const server = await KeepingServer.start();
    onTestFinished(() => server.stop());
    const folder = await mkdtemp(join(tmpdir(), "observe-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const accessLog = join(folder, "access.log");
    const listener = {
      name: "smtp",
      wasm: WASM,
      policy: JSON.stringify(policy),
      upstreamPort: server.port,
      accessLog,
      accessLogFormat: ACCESS_LOG,
    };
    const envoy = await EnvoyProcess.start({
      binary,
      bootstrap: change(envoyBootstrap([listener])),
      args: ["--file-flush-interval-msec", "50"],
    });
    onTestFinished(() => envoy.stop());
    return new ObserveLab(envoy, server, (await envoy.ports()).get("smtp") as number, accessLog);
  }

  /** A new connection that is greeted. */
  async open(): Promise<RawClient> {
    const client = await RawClient.connect(this.port);
    onTestFinished(() => client.destroy());
    await client.reply();
    return client;
  }

  /** A session of commands, each sent when the one before is answered. @returns the last reply */
  async session(...commands: string[]): Promise<string> {
    const client = await this.open();
    let reply = "";
    for (const command of commands) reply = await client.ask(command);
    await client.end();
    return reply;
  }

  /** The findings that were logged, as they were written. */
  get events(): string[] {
    return this.#logged("alert");
  }

  /** The session records that were logged. */
  get records(): string[] {
    return this.#logged("smtp");
  }

  #logged(type: string): string[] {
    const messages = this.envoy.wasmLogs.map((line) => line.message);
    return messages.filter((message) => eventOf(message)?.["event_type"] === type);
  }

  /** The lines of the access log once there are `count`. */
  async closed(count: number): Promise<AccessLine[]> {
    let lines: string[] = [];
    await waitFor(async () => {
      lines = (await readFile(this.accessLog, "utf8")).split("\n").slice(0, -1);
      return lines.length >= count;
    }, `${count} lines of access log`);
    return lines.map((line) => {
      const [id = "", start = "", address = "", ...rest] = line.split(" ");
      return { id: Number(id), start, address, record: rest.join(" ") };
    });
  }
}
