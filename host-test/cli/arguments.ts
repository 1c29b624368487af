/** The arguments after a command's name: one parser, and one form of error message, for all commands. */
import { parseArgs } from "node:util";
import { nearest } from "../lint/nearest.js";

/** Options by their long names, as `node:util` describes them; `multiple` for those that may be given more than once. */
export type OptionsConfig = Record<
  string,
  { type: "string" | "boolean"; short?: string; multiple?: boolean }
>;

type Parsed<T extends OptionsConfig> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T; allowPositionals: true; strict: true }>
>;

/**
 * Reads a command line; `--` ends the options.
 * @param command what the user typed before `args`, such as "smtp-inspector replay"; the error refers to its `--help`
 * @param words the most arguments without dashes that it takes; 0 by default
 * @throws Error that names the argument and the fix
 */
export function argumentsOf<const T extends OptionsConfig>(
  command: string,
  args: readonly string[],
  options: T,
  words = 0,
): Parsed<T> {
  const config = { args: [...args], options, allowPositionals: true } as const;
  const { tokens } = parseArgs({ ...config, strict: false, tokens: true });
  const seen = new Set<string>();
  const fail = (what: string): never => {
    throw new Error(`${what}; see ${command} --help`);
  };
  let taken = 0;
  for (const token of tokens) {
    if (token.kind === "positional" && ++taken > words) {
      fail(
        `${words === 0 ? "unexpected argument" : "one argument too many"}: ${JSON.stringify(token.value)}`,
      );
    }
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) fail(`unknown option ${rawName}${guess(name, options)}`);
    else if (option.type === "boolean" && value !== undefined) fail(`${rawName} takes no value`);
    else if (
      option.type === "string" &&
      (value === undefined || (inlineValue === false && isOption(value)))
    ) {
      fail(`${rawName} needs a value`);
    } else if (seen.has(name) && option.multiple !== true) fail(`${rawName} may be given only once`);
    seen.add(name);
  }
  return parseArgs({ ...config, strict: true });
}

/** A TCP port. @param least 0 where "any free one" makes sense, else 1 @throws Error that names the option */
export function portOf(option: string, text: string, least: 0 | 1): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port >= least && port <= 65535) return port;
  throw new Error(`${option} needs a number from ${least} to 65535, not ${JSON.stringify(text)}`);
}

/** Where to listen or to connect to. */
export interface Endpoint {
  /** A name or an address; an IPv6 address without its brackets. */
  host: string;
  port: number;
}

/** `HOST:PORT`, an IPv6 address in brackets. @param least 0 where "any free port" makes sense @throws Error that names the option */
export function endpointOf(option: string, text: string, least: 0 | 1): Endpoint {
  const found = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(found?.[3] ?? Number.NaN);
  if (found === null || port > 65535 || port < least) {
    throw new Error(
      `${option} needs HOST:PORT such as 127.0.0.1:2525 or [::1]:25, not ${JSON.stringify(text)}`,
    );
  }
  return { host: found[1] ?? found[2] ?? "", port };
}

function guess(typed: string, options: OptionsConfig): string {
  const found = nearest(typed, Object.keys(options));
  return found === null ? "" : `; did you mean --${found}?`;
}

/** What begins with a dash is more likely the next option, its value forgotten, than a value; "-" alone is stdin. */
const isOption = (value: string): boolean => value.startsWith("-") && value !== "-";
