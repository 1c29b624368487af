/** The statistics: the one list from which the module's names and README's table are written. */
import { MARK } from "./assembly.js";

/** One row: a statistic, or several that differ in labels. All are called `smtp.<stat_prefix>.<name>`. */
export interface Statistic {
  /** Without its labels. */
  readonly name: string;
  readonly kind: "counter" | "gauge" | "histogram";
  /** What one stands for; "" for the thing that is counted. */
  readonly unit: string;
  /** Label and values, in the order of the name: `name.label.value`. */
  readonly labels: readonly (readonly [label: string, values: readonly string[]])[];
  readonly about: string;
}

/** In the order of `VerbLabel`. */
export const COMMAND_VERBS =
  "EHLO HELO LHLO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY EXPN HELP AUTH STARTTLS other".split(" ");
export const REPLY_VERBS = [...COMMAND_VERBS, "greeting", "end_of_data"];

/** In the order of `SessionEnd`. */
const ENDS = ["client_closed", "server_closed", "quit", "terminated", "timed_out", "over_memory"];

type Labels = Statistic["labels"];
const row = (kind: Statistic["kind"], name: string, about: string, labels: Labels, unit = ""): Statistic => ({
  kind,
  name,
  about,
  labels,
  unit,
});
const counter = (name: string, about: string, ...labels: Labels): Statistic =>
  row("counter", name, about, labels);
const octets = (name: string, about: string): Statistic => row("counter", name, about, [], "octets");
const gauge = (name: string, about: string, unit = ""): Statistic => row("gauge", name, about, [], unit);
const histogram = (name: string, unit: string, about: string, ...labels: Labels): Statistic =>
  row("histogram", name, about, labels, unit);

/** What a worker gathers in its memory comes first. */
export const STATISTICS: readonly Statistic[] = [
  counter(
    "commands",
    "command lines read; `other` are all other verbs and lines without one, responses of AUTH are none",
    ["verb", COMMAND_VERBS],
  ),
  counter(
    "replies",
    "replies to the client's commands, as the server sent them, by the command that each answers; `end_of_data` also answers the last BDAT",
    ["verb", REPLY_VERBS],
    ["class", ["2xx", "3xx", "4xx", "5xx"]],
  ),
  counter("recipients", "replies to RCPT", ["outcome", ["accepted", "refused"]]),
  counter(
    "messages",
    "`accepted`: 250 to the end of data, in LMTP for the last recipient; `refused`: another reply to it, or 4xx or 5xx to DATA or BDAT, once a transaction; `aborted`: transactions with an accepted MAIL that ended without either",
    ["outcome", ["accepted", "refused", "aborted"]],
  ),
  counter("auth", "replies to AUTH and its responses: 235, or 5xx", ["outcome", ["success", "failure"]]),
  octets(
    "data_octets",
    "octets of messages from clients, in DATA and BDAT, as they came but for the line that ends DATA",
  ),
  counter(
    "protocol_errors",
    "lines that are no command by their grammar, and replies without a code from 200 to 599",
    ["side", ["client", "server"]],
  ),
  counter("sessions", "connections inspected"),
  counter(
    "sessions_ended",
    "connections that ended, by what ended them: the client, the server (or Envoy) without a QUIT, a QUIT, a finding, a `limits.*_timeout_ms`, `limits.memory_bytes`",
    ["outcome", ENDS],
  ),
  counter(
    "sessions_refused",
    "connections closed because they could not be inspected: no room, no policy, or a callback that Envoy was not allowed to make",
  ),
  counter("sessions_over_memory", "sessions that asked for more memory than `limits.memory_bytes` left"),
  counter(
    "sessions_tls",
    "connections that switched to TLS between client and server; not inspected after that",
  ),
  counter("starttls_offered", "EHLO replies in which the filter offered STARTTLS"),
  counter(
    "starttls_used",
    "STARTTLS commands of clients that were answered with 220, by the server or the filter",
  ),
  counter(
    "starttls_terminated",
    "STARTTLS commands that the filter answered with 220; a handshake that then fails is in Envoy's `listener.<address>.ssl.connection_error` and `ssl.fail_verify_…`",
  ),
  counter("starttls_refused", "STARTTLS commands that the filter answered with 454, 501 or 503"),
  counter(
    "starttls_originated",
    "sessions in which the server accepted the filter's STARTTLS; failed handshakes are in `cluster.<name>.ssl.…`",
  ),
  counter("starttls_unavailable", "sessions in which the server did not give TLS"),
  counter(
    "shadow.sessions_skipped",
    "sessions that the shadow did not judge, since `limits.memory_bytes` had no room for it",
  ),
  counter("capabilities_stripped", "EHLO replies from which STARTTLS was removed"),
  counter("events_suppressed", "findings and session records not logged because of `max_per_second`"),
  counter("edits_refused", "connections closed because Envoy refused to edit their bytes"),
  counter(
    "client_timeouts",
    "connections ended because the client was waited for longer than a `limits.*_timeout_ms`",
  ),
  counter("server_timeouts", "the same of the server"),
  counter(
    "sources_recorded",
    "sources that took a place in the memory of [source_abuse](host-test/vectors/source_abuse.md)",
  ),
  counter("sources_blocked", "sources that crossed the line"),
  counter("shadow.sources_blocked", "the same of the shadow"),
  counter("sources_forgotten", "sources that lost their place before their time"),
  counter("sources_contended", "writes that were lost to other workers'"),
  gauge("sessions_active", "connections open, as of the last half second"),
  gauge(
    "held_octets",
    "room for lines and replies that are not whole yet or wait for a reply, in all workers of the stat_prefix that was configured last",
    "octets",
  ),
  gauge(
    "memory_octets",
    "what the workers use of `limits.memory_bytes`, counted in the same way; room that sessions once took stays taken",
    "octets",
  ),
  histogram("session_length_ms", "ms", "from the connection to its end"),
  histogram(
    "transaction_length_ms",
    "ms",
    "from the MAIL that the server accepted to the message's last reply, or what ended it",
  ),
  histogram("message_size_octets", "octets", "messages that came whole, as `data_octets` counts them"),
  histogram(
    "reply_time_ms",
    "ms",
    "from a command that was sent on, or the reply before if that came later, to its reply; of the greeting from the connection, of the last BDAT from its last octet",
    ["verb", REPLY_VERBS],
  ),
];

/** Its names under `smtp.<stat_prefix>.`, all labels spelled out. */
export function namesOf({ name, labels }: Statistic): string[] {
  let names = [name];
  for (const [label, values] of labels) {
    names = names.flatMap((begin) => values.map((value) => `${begin}.${label}.${value}`));
  }
  return names;
}

/** Rows of findings, which are as many as the policy can have. */
const FINDINGS: readonly Statistic[] = [
  counter(
    "findings.protection.<id>.reason.<reason>.action.<action>",
    "findings; `action` is `detect`, `normalize`, `strip`, `reject`, `quarantine` or `terminate`",
  ),
  counter(
    "shadow.findings.protection.<id>.reason.<reason>.action.<action>",
    "what the policy's `shadow` would have done; in Prometheus `smtp_shadow_findings`",
  ),
];

/** The table of README.md. */
export function statisticsTable(): string {
  const cell = ({ name, labels }: Statistic): string =>
    [name, ...labels.map(([label]) => `${label}.<${label}>`)].join(".");
  const values = ({ labels }: Statistic): string =>
    labels
      .filter(([label]) => label !== "outcome" && label !== "side")
      .map(([label, all]) => `; ${label}: ${all.join(", ")}`)
      .join("");
  return [
    "| `smtp.<stat_prefix>.` | type | description |",
    "| --- | --- | --- |",
    ...[...STATISTICS, ...FINDINGS].map((each) => {
      const outcomes = each.labels.find(([label]) => label === "outcome" || label === "side");
      const shown = outcomes === undefined ? "" : ` (${outcomes[1].join(", ")})`;
      return `| \`${cell(each)}\` | ${each.kind} | ${each.about}${shown}${values(each)} |`;
    }),
  ].join("\n");
}

/** `assembly/telemetry/generated-statistics.ts`. */
export function statisticsSource(): string {
  const of = (kind: Statistic["kind"]): readonly Statistic[] =>
    STATISTICS.filter((each) => each.kind === kind);
  const part = (name: string, names: string, about: string, rows: readonly Statistic[]): string[] => {
    let at = 0;
    const entries = rows.map((each) => {
      const entry = `  ${each.name.replaceAll(".", "_")} = ${at},`;
      at += namesOf(each).length;
      return entry;
    });
    return [
      `/** ${about} */`,
      `export const enum ${name} {`,
      ...entries,
      "  /** How many there are. */",
      `  count = ${at},`,
      "}",
      "",
      `export const ${names}: string[] = ${JSON.stringify(rows.flatMap(namesOf), null, 2)};`,
      "",
    ];
  };
  return [
    `/** ${MARK.replace("host-test/vectors/*.md", "host-test/pages/statistics.ts")} */`,
    ...part(
      "Counter",
      "COUNTER_NAMES",
      "The counters: the first of those that differ in labels.",
      of("counter"),
    ),
    ...part("Gauge", "GAUGE_NAMES", "The gauges.", of("gauge")),
    ...part("Histogram", "HISTOGRAM_NAMES", "The histograms.", of("histogram")),
  ].join("\n");
}
