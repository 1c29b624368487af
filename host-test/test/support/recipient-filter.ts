/** What the filter says of recipients: each line in a session of its own, in the Node host. */
import { ManualClock } from "../../host/clock.js";
import { Plugin } from "../../host/plugin.js";
import { bytes, text } from "./arbitrary.js";
import { wasmModule } from "./vector-node.js";

/** What one line came to. */
export interface Judged {
  /** Reasons of recipient_no_domain. */
  noDomain: string[];
  /** "protection/reason" of all findings. */
  findings: string[];
  /** The line reached the server. */
  passed: boolean;
}

interface Finding {
  protection: string;
  reason: string;
}

const GREETING = "220 mx.example ESMTP\r\n";
const OFFER = "250-mx.example\r\n250-PIPELINING\r\n250-DSN\r\n250 SMTPUTF8\r\n";

/** One policy; sessions of many lines follow each other on it. */
export class RecipientFilter {
  readonly #clock = new ManualClock();
  readonly #plugin: Plugin;
  #findings: Finding[] = [];

  constructor(policy: object) {
    const configuration = JSON.stringify({ events: { max_per_second: 10_000 }, ...policy });
    this.#plugin = Plugin.load(wasmModule(), { configuration, clock: this.#clock });
    this.#plugin.onLog = ({ message }) => {
      const event: unknown = message.startsWith("{") ? JSON.parse(message) : null;
      if (isFinding(event)) this.#findings.push(event);
    };
  }

  /** Plays `RCPT …`, without line end. @throws WasmTrap */
  judge(line: string): Judged {
    this.#clock.advance(2000);
    this.#findings = [];
    this.#plugin.logs.length = 0;
    const connection = this.#plugin.connect();
    connection.fromServer(bytes(GREETING));
    connection.fromClient(bytes("EHLO client.example.org\r\n"));
    connection.fromServer(bytes(OFFER));
    connection.fromClient(bytes("MAIL FROM:<sender@example.org> SMTPUTF8\r\n"));
    connection.fromServer(bytes("250 2.1.0 ok\r\n"));
    connection.fromClient(bytes(`${line}\r\n`));
    const passed = text(connection.toServer).endsWith(`${line}\r\n`);
    connection.fromClient(new Uint8Array(0), true);
    connection.fromServer(new Uint8Array(0), true);
    // One that still waits for the answer to a stand-in would stay, and thousands of them fill the memory.
    connection.clientReset();
    const noDomain = this.#findings.filter(({ protection }) => protection === "recipient_no_domain");
    return {
      noDomain: noDomain.map(({ reason }) => reason),
      findings: this.#findings.map(({ protection, reason }) => `${protection}/${reason}`),
      passed,
    };
  }

  stop(): void {
    this.#plugin.shutdown();
  }
}

function isFinding(event: unknown): event is Finding {
  return typeof event === "object" && event !== null && "protection" in event && "reason" in event;
}
