/** The profile in a policy's text. */

/** Null when the text is not a JSON object; `recommended` when it names no profile. */
export function profileOf(text: string): string | null {
  const policy = parsed(text);
  if (policy === null) return null;
  return typeof policy["profile"] === "string" ? policy["profile"] : "recommended";
}

/** The policy with another profile; formatted again, since JSON has no comments to lose. */
export function withProfile(text: string, profile: string): string {
  const policy = parsed(text) ?? {};
  // The first key, unless it is there already.
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
