/** The profile that a policy's text names. */

/** Null when the text is no JSON object; `recommended` when it names none. */
export function profileOf(text: string): string | null {
  const policy = parsed(text);
  if (policy === null) return null;
  return typeof policy["profile"] === "string" ? policy["profile"] : "recommended";
}

/** The policy with another profile; laid out anew, since JSON has no comments to lose. */
export function withProfile(text: string, profile: string): string {
  const policy = parsed(text) ?? {};
  // The first of the keys, unless it is there.
  return `${JSON.stringify({ ...("profile" in policy ? {} : { profile }), ...policy, profile }, null, 2)}\n`;
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = text.trim() === "" ? {} : JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
