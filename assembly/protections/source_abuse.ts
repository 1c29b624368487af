import { SourceKind } from "../smtp/source-kind";
import { Reason } from "./generated-reasons";

/** The source of a new connection did too much of `kind` on others before (fail2ban, Postfix anvil). */
export function sourceAbuse(kind: SourceKind): Reason {
  switch (kind) {
    case SourceKind.refused_recipients:
      return Reason.source_abuse_refused_recipients;
    case SourceKind.auth_failures:
      return Reason.source_abuse_auth_failures;
    case SourceKind.errors:
      return Reason.source_abuse_errors;
    case SourceKind.findings:
      return Reason.source_abuse_findings;
    case SourceKind.messages:
      return Reason.source_abuse_messages;
    case SourceKind.connections:
      return Reason.source_abuse_connections;
    default:
      return Reason.none;
  }
}
