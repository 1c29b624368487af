/**
 * The one table of protections: ids, families, defaults, actions, citations. Both `asc` and `tsc` compile this file,
 * so the filter, the schema, the command line, the docs and the dashboards all read the same rows.
 */

/** Index of a protection in `CATALOGUE` and bit number in every set of protections. */
export const enum Protection {
  bad_server_greeting,
  malformed_server_greeting,
  binary_data_in_command,
  exchange_command,
  non_compliant_smtp,
  private_command,
  recipient_no_domain,
  starttls_command,
  /** How many there are; at most 64, since sets of them are one `u64`. */
  count,
}

/** What a protection does with a hit. The order is the order of strength: the strongest of several wins. */
export const enum Action {
  detect,
  normalize,
  strip,
  reject,
  terminate,
  /** How many there are. */
  count,
}

/** How a protection is switched in a profile or a policy. */
export const enum Mode {
  off,
  detect,
  prevent,
}

/** One protection. Strings here are literals of ours: they may enter statistics names, logs and replies unescaped. */
export class Entry {
  constructor(
    /** Policy key, statistic label, vector and source file stem. */
    public readonly id: string,
    /** Which part of the session it guards: greeting, commands, arguments, session, replies, data, encryption. */
    public readonly family: string,
    /** One sentence for an operator. */
    public readonly summary: string,
    /** Mode in profile `recommended`. */
    public readonly recommended: Mode,
    /** Mode in profile `strict`; `monitor` is always detect. */
    public readonly strict: Mode,
    /** What prevent does unless the policy's `action` says otherwise. */
    public readonly preventAction: Action,
    /** The actions that a policy may choose, as a set of bits `1 << Action`. */
    public readonly allowedActions: i32,
    /** The reply that a rejected command gets: code, enhanced code (RFC 3463). */
    public readonly reply: string,
    /** Where the rule comes from. */
    public readonly source: string,
  ) {}
}

const REJECT_OR_TERMINATE: i32 = (1 << Action.reject) | (1 << Action.terminate);
const TERMINATE_ONLY: i32 = 1 << Action.terminate;

/** All protections, in the order of `Protection`. */
export const CATALOGUE: Entry[] = [
  new Entry(
    "bad_server_greeting",
    "greeting",
    "The server opens with a well-formed reply that is not 220: no SMTP service, or a refusal.",
    Mode.prevent,
    Mode.prevent,
    Action.terminate,
    TERMINATE_ONLY,
    "554 5.3.2",
    "Check Point SBP-2010-06; RFC 5321 3.1; Suricata smtp.invalid_reply",
  ),
  new Entry(
    "malformed_server_greeting",
    "greeting",
    "The server opens with something that is not an SMTP reply at all.",
    Mode.prevent,
    Mode.prevent,
    Action.terminate,
    TERMINATE_ONLY,
    "554 5.3.2",
    "Check Point SBP-2010-06; RFC 5321 4.2; Zeek dpd.sig",
  ),
  new Entry(
    "binary_data_in_command",
    "commands",
    "A command line holds NUL, control or 8-bit bytes where SMTP allows none.",
    Mode.prevent,
    Mode.prevent,
    Action.reject,
    REJECT_OR_TERMINATE,
    "501 5.5.2",
    "Check Point SBP-2010-06; RFC 5321 4.1.2; RFC 6531 3.1; Zeek NUL_in_line",
  ),
  new Entry(
    "exchange_command",
    "commands",
    "A verb that only two Microsoft Exchange servers have use for: XEXCH50, X-LINK2STATE, X-EXPS and kin.",
    Mode.prevent,
    Mode.prevent,
    Action.reject,
    REJECT_OR_TERMINATE,
    "502 5.5.1",
    "Check Point SBP-2010-06; CVE-2003-0714; CVE-2005-0560; Snort 3 smtp_xlink2state.cc",
  ),
  new Entry(
    "non_compliant_smtp",
    "commands",
    "The session cannot be parsed as SMTP, so it cannot be inspected.",
    Mode.prevent,
    Mode.prevent,
    Action.terminate,
    REJECT_OR_TERMINATE,
    "500 5.5.2",
    "Check Point SBP-2010-06; RFC 5321 4.1.1; Postfix smtpd_forbidden_commands",
  ),
  new Entry(
    "private_command",
    "commands",
    "A verb that starts with X: private to two parties who agreed on it.",
    Mode.prevent,
    Mode.prevent,
    Action.reject,
    REJECT_OR_TERMINATE,
    "502 5.5.1",
    "Check Point SBP-2010-06; RFC 5321 4.1.5; Cisco ASA inspect esmtp; Sun XADR",
  ),
  new Entry(
    "recipient_no_domain",
    "arguments",
    "RCPT names a recipient without a domain, whatever spelling hides that.",
    Mode.prevent,
    Mode.prevent,
    Action.reject,
    REJECT_OR_TERMINATE,
    "550 5.7.1",
    "Check Point SBP-2010-06; RFC 5321 2.3.5, 4.1.2; Postfix reject_non_fqdn_recipient",
  ),
  new Entry(
    "starttls_command",
    "encryption",
    "STARTTLS: behind it nothing can be inspected.",
    Mode.detect,
    Mode.prevent,
    Action.strip,
    (1 << Action.strip) | REJECT_OR_TERMINATE,
    "454 4.7.0",
    "Check Point SBP-2010-06; RFC 3207; Cisco ASA allow-tls",
  ),
];

/** The word of `action` as it stands in policies, statistics and events. */
export function actionName(action: Action): string {
  return ACTION_NAMES[action] as string;
}

/** The word of `mode` as it stands in policies and events. */
export function modeName(mode: Mode): string {
  return MODE_NAMES[mode] as string;
}

export const ACTION_NAMES: string[] = ["detect", "normalize", "strip", "reject", "terminate"];
export const MODE_NAMES: string[] = ["off", "detect", "prevent"];
