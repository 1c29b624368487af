import { Policy } from "../policy/policy";

/**
 * What a shadow, the second policy of a session that is judged and never acted on, knows of it (key "shadow" of the policy).
 * Only sessions whose policy has one have a record.
 */
@unmanaged
export class Shadow {
  /** The inner `Policy`; the outer one keeps it alive. */
  policy: usize = 0;
  findings: u32 = 0;
  /** The protections that the shadow judges by, and those that the live policy does, for this source. */
  enabled: u64 = 0;
  live: u64 = 0;
  /** Protections that found something. */
  found: u64 = 0;
  /** Protections that report once a session, and did, where its own options decide when. */
  reported: u64 = 0;
  /** Where in the message the reading is, by its own options (message.ts). */
  messageState: u32 = 0;
  /** What it would have done to the line that was found at fault last: an `Outcome`. */
  line: u32 = 0;
  /** Commands that it would have rejected. */
  rejections: u16 = 0;
  /** A `Verdict`. */
  verdict: u8 = 0;
  /** The first `Reason` about which it would have done something, and by which `Action`; none before that. */
  firstReason: u8 = 0;
  firstAction: u8 = 0;
  /** Some protection prevents: what cannot be read would end the session. */
  prevents: bool = false;
  /** Its `trusted_sources` name the client. */
  isTrusted: bool = false;
  /** What it knows of the source, as in `Session`. */
  sourceKind: u8 = 0;
  unrecordedRecipients: u8 = 0;
  unrecordedFailures: u8 = 0;
  unrecordedErrors: u8 = 0;
  unrecordedFindings: u8 = 0;
  unrecordedMessages: u8 = 0;
}

/** The protections by which a shadow would prevent; for a trusted client none. */
export function preventedByShadow(shadow: Shadow): u64 {
  return shadow.isTrusted ? 0 : changetype<Policy>(shadow.policy).prevent & shadow.enabled;
}
