/** What the dashboard shows. */
import {
  health,
  HOST,
  line,
  lines,
  of,
  type Panel,
  perMinute,
  PREVENTED,
  quantile,
  quantiles,
  type Row,
  share,
} from "./parts.js";

const STOPPED: Row = {
  title: "What is stopped",
  panels: [
    {
      title: "Findings by protection",
      description:
        "All findings, reported or prevented. Which protection it is says what to read: its page has an example.",
      ...lines(12, "cpm", [perMinute("findings", ["smtp_protection"])]),
      stacked: true,
    },
    {
      title: "Findings by action",
      description:
        "detect: only reported. reject: the command did not reach the server. terminate: the session was ended.",
      ...lines(12, "cpm", [perMinute("findings", ["smtp_action"])]),
      stacked: true,
    },
    {
      title: "Prevented, live and shadow",
      description:
        "What the policy prevents, and what its shadow would. The shadow's line above the other is what a change would cost or gain.",
      ...lines(12, "cpm", [
        line("live", "findings", PREVENTED),
        line("shadow", "shadow_findings", PREVENTED),
      ]),
    },
    {
      title: "Sources blocked",
      description:
        "Of the memory of sources (protection source_abuse). Addresses are in the events only: no label is made of what clients are.",
      ...lines(12, "cpm", [
        line("blocked", "sources_blocked"),
        line("recorded", "sources_recorded"),
        line("forgotten before their time", "sources_forgotten"),
      ]),
    },
    {
      title: "Findings by protection, reason and action",
      description: "Of the whole time shown.",
      kind: "table",
      unit: "short",
      width: 12,
      queries: [
        {
          expr: `sort_desc(sum by (smtp_protection, smtp_reason, smtp_action) (increase(${of("findings")}[$__range])) > 0)`,
          legend: "{{smtp_protection}} {{smtp_reason}} {{smtp_action}}",
        },
      ],
    },
    {
      title: "What the shadow would prevent",
      description:
        "Of the whole time shown. What stands here and not in the table beside it is what the shadow's policy would add.",
      kind: "table",
      unit: "short",
      width: 12,
      queries: [
        {
          expr: `sort_desc(sum by (smtp_protection, smtp_reason, smtp_action) (increase(${of("shadow_findings", PREVENTED)}[$__range])) > 0)`,
          legend: "{{smtp_protection}} {{smtp_reason}} {{smtp_action}}",
        },
      ],
    },
  ],
};

const MAIL: Row = {
  title: "Mail",
  panels: [
    {
      title: "Sessions by outcome",
      description:
        "How they ended. terminated: by the filter. server_closed and timed_out rise when a mail server is ill.",
      ...lines(12, "cpm", [perMinute("sessions_ended", ["smtp_outcome"])]),
      stacked: true,
    },
    {
      title: "Messages by outcome",
      description: "accepted: 250 to the end of data. aborted: begun, and ended without an answer.",
      ...lines(12, "cpm", [perMinute("messages", ["smtp_outcome"])]),
      stacked: true,
    },
    {
      title: "Replies by class",
      description: "What the mail server answered, before the filter's own replies.",
      ...lines(8, "cpm", [perMinute("replies", ["smtp_class"])]),
      stacked: true,
    },
    {
      title: "Refusals by verb",
      description: "4xx and 5xx of the mail server, by what they answered.",
      ...lines(8, "cpm", [perMinute("replies", ["smtp_verb", "smtp_class"], 'smtp_class=~"4xx|5xx"')]),
    },
    {
      title: "Commands by verb",
      description:
        "What clients sent. A client decides the verb, and all that the filter does not know is other.",
      ...lines(8, "cpm", [perMinute("commands", ["smtp_verb"])]),
      stacked: true,
    },
    {
      title: "Recipients by outcome",
      description:
        "More refused than accepted is a harvest of addresses, or a server that lost its directory.",
      ...lines(8, "cpm", [perMinute("recipients", ["smtp_outcome"])]),
    },
    {
      title: "Logins",
      description: "AUTH, by the server's answer.",
      ...lines(8, "cpm", [perMinute("auth", ["smtp_outcome"])]),
    },
    {
      title: "Protocol errors",
      description: "Lines that are no command, replies that are none.",
      ...lines(8, "cpm", [perMinute("protocol_errors", ["smtp_side"])]),
    },
  ],
};

const TIMES: Row = {
  title: "Time and size",
  panels: [
    ...[0.5, 0.95, 0.99].map((part): Panel => ({
      title: `Reply time by verb, ${part * 100} %`,
      description: `The mail server's replies: ${part * 100} of 100 came faster. end_of_data is where content is scanned.`,
      ...lines(8, "ms", [quantile(part, "reply_time_ms", "smtp_verb, ")]),
    })),
    {
      title: "Session length",
      description: "From the connection to its end.",
      ...lines(8, "ms", quantiles("session_length_ms")),
    },
    {
      title: "Transaction length",
      description: "From MAIL to the answer to the end of data.",
      ...lines(8, "ms", quantiles("transaction_length_ms")),
    },
    {
      title: "Message size",
      description: "As the client sent it.",
      ...lines(8, "bytes", quantiles("message_size_octets")),
    },
  ],
};

const TLS: Row = {
  title: "Encryption",
  panels: [
    {
      title: "TLS share",
      description:
        "Of all sessions: those that began STARTTLS, those that the filter could not read after it, and TLS that Envoy ends.",
      ...lines(12, "percentunit", [
        share("STARTTLS", of("starttls_used"), of("sessions")),
        share("not inspected after STARTTLS", of("sessions_tls"), of("sessions")),
        share(
          "handshakes with Envoy",
          `envoy_listener_ssl_handshake{${HOST}}`,
          `envoy_listener_downstream_cx_total{${HOST}}`,
        ),
      ]),
    },
    {
      title: "STARTTLS",
      description: "By the filter: offered, ended, refused; and sessions whose server gave no TLS.",
      ...lines(12, "cpm", [
        line("offered", "starttls_offered"),
        line("terminated", "starttls_terminated"),
        line("refused", "starttls_refused"),
        line("originated", "starttls_originated"),
        line("unavailable", "starttls_unavailable"),
      ]),
    },
  ],
};

const FILTER: Row = {
  title: "The filter itself",
  panels: [
    {
      title: "Failures and reloads",
      description: "Not 0: the filter failed, and connections of a worker were closed. See Envoy's log.",
      ...lines(8, "short", [
        health("reloads", `increase(envoy_wasm_smtp_inspector_vm_reload{${HOST}}[$__rate_interval])`),
        health(
          "connections closed before one",
          `increase(envoy_wasm_smtp_inspector_vm_reload_backoff{${HOST}}[$__rate_interval])`,
        ),
      ]),
    },
    {
      title: "Sessions open",
      description:
        "Inspected, and of tcp_proxy. The second above the first: connections that the filter does not see.",
      ...lines(8, "short", [
        health("inspected", of("sessions_active")),
        health("of all listeners", `envoy_listener_downstream_cx_active{${HOST}}`),
      ]),
    },
    {
      title: "Memory held for clients",
      description:
        "Of limits.memory_bytes, which each worker has; and how much of it waits for a reply of the server.",
      ...lines(8, "bytes", [health("of the budget", of("memory_octets")), health("held", of("held_octets"))]),
    },
    {
      title: "Refused and left out",
      description: "Anything but 0 means that something was not inspected, or not reported.",
      ...lines(12, "cpm", [
        line("sessions refused", "sessions_refused"),
        line("sessions over memory", "sessions_over_memory"),
        line("edits refused", "edits_refused"),
        line("events suppressed", "events_suppressed"),
        line("sessions that the shadow skipped", "shadow_sessions_skipped"),
      ]),
    },
    {
      title: "Certificates",
      description: "Days until the first of Envoy's certificates ends.",
      kind: "lines",
      unit: "d",
      width: 12,
      queries: [{ expr: `min (envoy_server_days_until_first_cert_expiring{${HOST}})`, legend: "days left" }],
    },
  ],
};

/** All rows, from top to bottom. */
export const ROWS: readonly Row[] = [STOPPED, MAIL, TIMES, TLS, FILTER];
