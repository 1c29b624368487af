/** What may hold credentials. */

/** @param verb in upper case */
export const isAuth = (verb: string): boolean => verb === "AUTH" || verb === "X-EXPS";

/** AUTH lines, and lines of only base64: responses of an exchange whose start was not seen. */
export function looksSecret(line: string): boolean {
  if (/^\s*(?:AUTH|X-EXPS)(?![\w-])/i.test(line)) return true;
  return /^[A-Za-z0-9+/]{6,}={0,2}\s*$/.test(line) && !/^(?:STARTTLS|TURN|ETRN|XEXCH50)\s*$/i.test(line);
}

/** Whether a reply repeats a word of its command; a mechanism's name, which is not secret, counts too. */
export function repeats(reply: string, command: string): boolean {
  return command
    .split(/\s+/)
    .some((word) => word.length >= 4 && !/^(?:AUTH|X-EXPS)$/i.test(word) && reply.includes(word));
}
