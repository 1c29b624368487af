/** What is counted of a source; none is nothing. The order of the counts in a slot, and of those that a session has yet to record. */
export const enum SourceKind {
  none,
  refused_recipients,
  auth_failures,
  errors,
  findings,
  messages,
  connections,
  count,
}
