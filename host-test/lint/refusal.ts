/** The filter's own refusal of a policy, in parts: where, what, and what to do. */

/** One refusal. */
export interface Refusal {
  /** Byte of the policy where the error is. */
  offset: number;
  what: string;
  fix: string;
}

/** @param message what `ConfigurationRefused` says, such as `policy refused at $.profile (offset 12): unknown key` */
export function readRefusal(message: string): Refusal {
  const found = FORM.exec(message);
  if (found === null) return { offset: 0, what: message, fix: "load it with debug logging to see more" };
  const [, path = "", offset = "0", reason = ""] = found;
  const { what, fix } = advice(reason);
  return { offset: Number(offset), what: `${path}: ${what}`, fix };
}

/** A path contains keys that the policy's author chose, which may have quotes. */
const FORM =
  /^policy refused at (\$(?:\.[A-Za-z_]\w*|\[\d+\]|\["(?:[^"\\]|\\.)*"\])*) \(offset (\d+)\): ([^]*)$/;

function advice(reason: string): { what: string; fix: string } {
  const guess = /^([^]*); (did you mean "[^"]*"\?)$/.exec(reason);
  if (guess !== null) return { what: advice(guess[1] ?? "").what, fix: guess[2] ?? "" };
  const known = /^(unknown [^;]+); ((?:allowed here|see )[^]*)$/.exec(reason);
  if (known !== null) return { what: known[1] ?? "", fix: known[2] ?? "" };
  const wrong = /^expected ([^]*), found ((?:"[^]*|an? \w+|\S+))$/.exec(reason);
  if (wrong !== null) return { what: `found ${wrong[2]}`, fix: `write ${wrong[1]}` };
  const explained = /^([^;]*); ((?:keep|leave|write) [^]*)$/.exec(reason);
  if (explained !== null) return { what: explained[1] ?? "", fix: explained[2] ?? "" };
  if (reason.startsWith("expected ")) return { what: reason, fix: SYNTAX };
  const fixed = FIXES.find(([start]) => reason.startsWith(start));
  return { what: reason, fix: fixed?.[1] ?? SYNTAX };
}

const SYNTAX = "the policy must be JSON: double quotes, no comments, no comma before a closing bracket";

/** What to do about reasons that do not say it themselves, by how they start. */
const FIXES: readonly [string, string][] = [
  ["duplicate key", "remove one of them"],
  ["bytes after the end", "remove what follows the closing brace"],
  ["a byte order mark", "save the file without it"],
  ["the policy ends too early", "close the open brackets and quotes"],
  ["a string without its closing quote", "add the closing quote"],
  ["bytes that are not UTF-8", "save the file as UTF-8"],
  ["a control character in a string", "write it as an escape such as \\n, or leave it out"],
  ["an invalid escape", 'JSON knows \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX'],
  ["longer than", "shorten it"],
  ["more than", "shorten the list"],
  [
    "the configuration is a binary",
    'use "@type": type.googleapis.com/google.protobuf.StringValue with JSON text in value',
  ],
];
