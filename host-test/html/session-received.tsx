/** What one side received of a session, credentials masked. */
import { text } from "../workbench/bytes.js";
import type { Received, Side } from "../workbench/model.js";
import { escaped, masked } from "../workbench/view.js";

/** @param props.by which side received it */
export function ReceivedView({ by, received }: { by: Side; received: Received }) {
  const { bytes, size } = received;
  const rest = size > bytes.length ? `, the first ${bytes.length} of them are shown` : "";
  return (
    <details class={`session-received session-received-${by}`}>
      <summary>
        The {by} received {size} byte{size === 1 ? "" : "s"}
        {rest}
      </summary>
      <pre tabIndex={0} aria-label={`What the ${by} received`}>
        {receivedLines(received).join("\n")}
      </pre>
    </details>
  );
}

/** One string a line, as in a turn: printable ASCII, the end of a line only where it is not CRLF. */
export function receivedLines({ bytes, secrets }: Received): string[] {
  const lines: string[] = [];
  let at = 0;
  for (const { from, to } of [...secrets, { from: bytes.length, to: bytes.length }]) {
    for (const line of text(bytes.subarray(at, from)).split(/(?<=\n)/)) {
      if (line !== "") lines.push(escaped(line.replace(/\r\n$/, "")));
    }
    if (to > from) lines.push(masked(bytes.subarray(from, to)));
    at = to;
  }
  return lines;
}
