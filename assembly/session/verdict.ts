/** The worst thing that happened in a session, as it stands in the access log. */
export const enum Verdict {
  clean,
  detected,
  prevented,
  terminated,
}
