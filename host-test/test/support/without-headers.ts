/** Messages without what a mail program adds. */

/** Takes the headers with these names out of a message with CRLF line ends. */
export function without(content: string, names: string[]): string {
  const end = content.indexOf("\r\n\r\n");
  const header =
    names.length === 0 ? null : new RegExp(`^(?:${names.join("|")}):.*\\r\\n(?:[\\t ].*\\r\\n)*`, "gmi");
  return header === null ? content : content.slice(0, end + 2).replace(header, "") + content.slice(end + 2);
}
