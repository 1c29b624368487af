/** The options that single protections have for themselves. Generated from host-test/vectors/*.md by npm run docs; do not edit. */
import { Protection } from "../protections/catalogue";
import { IntegerField } from "./fields";
import { readName, readVerbs } from "./lists";
import { PolicyReader } from "./read";
import { VerbList } from "./verb-list";

/** Their values, each under `<protection>_<option>`. */
export class OwnOptions {
  exchange_command_allow: VerbList = new VerbList();
  exchange_command_extended: bool = true;
  non_compliant_smtp_empty_line: bool = false;
  private_command_allow: VerbList = new VerbList();
  trust_command_allow: VerbList = new VerbList();
  path_too_long_local_part: i32 = 128;
  path_too_long_domain: i32 = 255;
  path_too_long_path: i32 = 256;
  recipient_no_domain_require_fqdn: bool = false;
  command_out_of_sequence_require_auth: bool = false;
  data_line_too_long_line_bytes: i32 = 1000;
  data_line_too_long_endless_bytes: i32 = 65536;
  header_too_long_line_bytes: i32 = 1000;
  header_too_long_name_bytes: i32 = 64;
  header_too_long_block_bytes: i32 = 262144;
  message_too_large_bytes: i32 = 52428800;
  auth_failures_failures: i32 = 5;
  junk_command_flood_commands: i32 = 100;
  recipient_harvest_refused: i32 = 10;
  source_abuse_refused_recipients: i32 = 100;
  source_abuse_auth_failures: i32 = 30;
  source_abuse_errors: i32 = 0;
  source_abuse_findings: i32 = 0;
  source_abuse_messages: i32 = 0;
  source_abuse_connections: i32 = 0;
  source_abuse_window: i32 = 3600;
  source_abuse_duration: i32 = 3600;
  source_abuse_ipv4_prefix: i32 = 32;
  source_abuse_ipv6_prefix: i32 = 64;
  source_abuse_permanent: bool = false;
  source_abuse_quarantine_cluster: string = "";
  too_many_errors_replies: i32 = 20;
  too_many_errors_unknown_verbs: i32 = 5;
  too_many_recipients_recipients: i32 = 1000;
}

/** The options of a protection, in the order of its page. */
export function ownOptions(protection: i32): string[] {
  switch (protection) {
    case Protection.exchange_command:
      return ["allow", "extended"];
    case Protection.non_compliant_smtp:
      return ["empty_line"];
    case Protection.private_command:
      return ["allow"];
    case Protection.trust_command:
      return ["allow"];
    case Protection.path_too_long:
      return ["local_part", "domain", "path"];
    case Protection.recipient_no_domain:
      return ["require_fqdn"];
    case Protection.command_out_of_sequence:
      return ["require_auth"];
    case Protection.data_line_too_long:
      return ["line_bytes", "endless_bytes"];
    case Protection.header_too_long:
      return ["line_bytes", "name_bytes", "block_bytes"];
    case Protection.message_too_large:
      return ["bytes"];
    case Protection.auth_failures:
      return ["failures"];
    case Protection.junk_command_flood:
      return ["commands"];
    case Protection.recipient_harvest:
      return ["refused"];
    case Protection.source_abuse:
      return ["refused_recipients", "auth_failures", "errors", "findings", "messages", "connections", "window", "duration", "ipv4_prefix", "ipv6_prefix", "permanent", "quarantine_cluster"];
    case Protection.too_many_errors:
      return ["replies", "unknown_verbs"];
    case Protection.too_many_recipients:
      return ["recipients"];
    default:
      return [];
  }
}

/** Reads the value of option `index` of a protection. */
export function readOwnOption(reader: PolicyReader, into: OwnOptions, protection: i32, index: i32): void {
  switch (protection) {
    case Protection.exchange_command:
      if (index == 0) readVerbs(reader, into.exchange_command_allow);
      else into.exchange_command_extended = reader.flag();
      return;
    case Protection.non_compliant_smtp:
      into.non_compliant_smtp_empty_line = reader.flag();
      return;
    case Protection.private_command:
      readVerbs(reader, into.private_command_allow);
      return;
    case Protection.trust_command:
      readVerbs(reader, into.trust_command_allow);
      return;
    case Protection.path_too_long:
      if (index == 0) into.path_too_long_local_part = reader.integer(PATH_TOO_LONG_LOCAL_PART);
      else if (index == 1) into.path_too_long_domain = reader.integer(PATH_TOO_LONG_DOMAIN);
      else into.path_too_long_path = reader.integer(PATH_TOO_LONG_PATH);
      return;
    case Protection.recipient_no_domain:
      into.recipient_no_domain_require_fqdn = reader.flag();
      return;
    case Protection.command_out_of_sequence:
      into.command_out_of_sequence_require_auth = reader.flag();
      return;
    case Protection.data_line_too_long:
      if (index == 0) into.data_line_too_long_line_bytes = reader.integer(DATA_LINE_TOO_LONG_LINE_BYTES);
      else into.data_line_too_long_endless_bytes = reader.integer(DATA_LINE_TOO_LONG_ENDLESS_BYTES);
      return;
    case Protection.header_too_long:
      if (index == 0) into.header_too_long_line_bytes = reader.integer(HEADER_TOO_LONG_LINE_BYTES);
      else if (index == 1) into.header_too_long_name_bytes = reader.integer(HEADER_TOO_LONG_NAME_BYTES);
      else into.header_too_long_block_bytes = reader.integer(HEADER_TOO_LONG_BLOCK_BYTES);
      return;
    case Protection.message_too_large:
      into.message_too_large_bytes = reader.integer(MESSAGE_TOO_LARGE_BYTES);
      return;
    case Protection.auth_failures:
      into.auth_failures_failures = reader.integer(AUTH_FAILURES_FAILURES);
      return;
    case Protection.junk_command_flood:
      into.junk_command_flood_commands = reader.integer(JUNK_COMMAND_FLOOD_COMMANDS);
      return;
    case Protection.recipient_harvest:
      into.recipient_harvest_refused = reader.integer(RECIPIENT_HARVEST_REFUSED);
      return;
    case Protection.source_abuse:
      if (index == 0) into.source_abuse_refused_recipients = reader.integer(SOURCE_ABUSE_REFUSED_RECIPIENTS);
      else if (index == 1) into.source_abuse_auth_failures = reader.integer(SOURCE_ABUSE_AUTH_FAILURES);
      else if (index == 2) into.source_abuse_errors = reader.integer(SOURCE_ABUSE_ERRORS);
      else if (index == 3) into.source_abuse_findings = reader.integer(SOURCE_ABUSE_FINDINGS);
      else if (index == 4) into.source_abuse_messages = reader.integer(SOURCE_ABUSE_MESSAGES);
      else if (index == 5) into.source_abuse_connections = reader.integer(SOURCE_ABUSE_CONNECTIONS);
      else if (index == 6) into.source_abuse_window = reader.integer(SOURCE_ABUSE_WINDOW);
      else if (index == 7) into.source_abuse_duration = reader.integer(SOURCE_ABUSE_DURATION);
      else if (index == 8) into.source_abuse_ipv4_prefix = reader.integer(SOURCE_ABUSE_IPV4_PREFIX);
      else if (index == 9) into.source_abuse_ipv6_prefix = reader.integer(SOURCE_ABUSE_IPV6_PREFIX);
      else if (index == 10) into.source_abuse_permanent = reader.flag();
      else into.source_abuse_quarantine_cluster = readName(reader);
      return;
    case Protection.too_many_errors:
      if (index == 0) into.too_many_errors_replies = reader.integer(TOO_MANY_ERRORS_REPLIES);
      else into.too_many_errors_unknown_verbs = reader.integer(TOO_MANY_ERRORS_UNKNOWN_VERBS);
      return;
    case Protection.too_many_recipients:
      into.too_many_recipients_recipients = reader.integer(TOO_MANY_RECIPIENTS_RECIPIENTS);
      return;
    default:
      return;
  }
}

const PATH_TOO_LONG_LOCAL_PART: IntegerField = new IntegerField("local_part", 128, 64, 1000);
const PATH_TOO_LONG_DOMAIN: IntegerField = new IntegerField("domain", 255, 64, 1000);
const PATH_TOO_LONG_PATH: IntegerField = new IntegerField("path", 256, 128, 1200);
const DATA_LINE_TOO_LONG_LINE_BYTES: IntegerField = new IntegerField("line_bytes", 1000, 1000, 8388606);
const DATA_LINE_TOO_LONG_ENDLESS_BYTES: IntegerField = new IntegerField("endless_bytes", 65536, 1000, 8388606);
const HEADER_TOO_LONG_LINE_BYTES: IntegerField = new IntegerField("line_bytes", 1000, 80, 8388606);
const HEADER_TOO_LONG_NAME_BYTES: IntegerField = new IntegerField("name_bytes", 64, 32, 998);
const HEADER_TOO_LONG_BLOCK_BYTES: IntegerField = new IntegerField("block_bytes", 262144, 32768, 16777216);
const MESSAGE_TOO_LARGE_BYTES: IntegerField = new IntegerField("bytes", 52428800, 65536, 2147483647);
const AUTH_FAILURES_FAILURES: IntegerField = new IntegerField("failures", 5, 1, 254);
const JUNK_COMMAND_FLOOD_COMMANDS: IntegerField = new IntegerField("commands", 100, 1, 254);
const RECIPIENT_HARVEST_REFUSED: IntegerField = new IntegerField("refused", 10, 1, 65534);
const SOURCE_ABUSE_REFUSED_RECIPIENTS: IntegerField = new IntegerField("refused_recipients", 100, 0, 65535);
const SOURCE_ABUSE_AUTH_FAILURES: IntegerField = new IntegerField("auth_failures", 30, 0, 65535);
const SOURCE_ABUSE_ERRORS: IntegerField = new IntegerField("errors", 0, 0, 65535);
const SOURCE_ABUSE_FINDINGS: IntegerField = new IntegerField("findings", 0, 0, 65535);
const SOURCE_ABUSE_MESSAGES: IntegerField = new IntegerField("messages", 0, 0, 65535);
const SOURCE_ABUSE_CONNECTIONS: IntegerField = new IntegerField("connections", 0, 0, 65535);
const SOURCE_ABUSE_WINDOW: IntegerField = new IntegerField("window", 3600, 1, 86400);
const SOURCE_ABUSE_DURATION: IntegerField = new IntegerField("duration", 3600, 1, 604800);
const SOURCE_ABUSE_IPV4_PREFIX: IntegerField = new IntegerField("ipv4_prefix", 32, 8, 32);
const SOURCE_ABUSE_IPV6_PREFIX: IntegerField = new IntegerField("ipv6_prefix", 64, 16, 128);
const TOO_MANY_ERRORS_REPLIES: IntegerField = new IntegerField("replies", 20, 1, 254);
const TOO_MANY_ERRORS_UNKNOWN_VERBS: IntegerField = new IntegerField("unknown_verbs", 5, 1, 254);
const TOO_MANY_RECIPIENTS_RECIPIENTS: IntegerField = new IntegerField("recipients", 1000, 100, 65534);
