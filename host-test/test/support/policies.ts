/** The policies of `filter/policies`, and what everyone but the filter thinks of one: `JSON.parse` and the schema. */
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";

const FOLDER = new URL("../filter/policies/", import.meta.url);

const accepts = new Ajv2020().compile(
  JSON.parse(readFileSync(new URL("../../../envoy/policy.schema.json", import.meta.url), "utf8")) as object,
);

/** A file of the corpus: its name without the ending, and its bytes. */
export interface Sample {
  name: string;
  bytes: Uint8Array;
}

/** The files of one folder of the corpus, by name. */
export function samples(folder: string): Sample[] {
  const files = readdirSync(new URL(`${folder}/`, FOLDER)).sort();
  return files.map((file) => ({
    name: basename(file).replace(/\.\w+$/, ""),
    bytes: new Uint8Array(readFileSync(new URL(`${folder}/${file}`, FOLDER))),
  }));
}

/** `refused.txt`: name of a refused policy, a colon, the line that the filter must say. */
export function refusals(): Map<string, string> {
  const lines = readFileSync(new URL("refused.txt", FOLDER), "utf8").trimEnd().split("\n");
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
}

/** Whether the text is JSON and the schema takes it; undefined when it is no JSON at all. */
export function schemaAccepts(bytes: Uint8Array): boolean | undefined {
  try {
    return accepts(JSON.parse(decode(bytes)));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Whether an object in the JSON text has a key twice, which `JSON.parse` does not tell. */
export function hasDuplicateKeys(bytes: Uint8Array): boolean {
  const open: Set<string>[] = [];
  for (const [token] of decode(bytes).matchAll(/"(?:[^"\\]|\\.)*"(?:[ \t\r\n]*:)?|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (token.endsWith(":")) {
      const key = JSON.parse(token.slice(0, -1)) as string;
      if (open.at(-1)?.has(key)) return true;
      open.at(-1)?.add(key);
    }
  }
  return false;
}

/** Whether a number of the JSON text is not whole but `JSON.parse` makes it so: `1e-400` is 0 to it, exactly it is not. */
export function hasRoundedNumber(bytes: Uint8Array): boolean {
  const tokens = /"(?:[^"\\]|\\.)*"|-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?/g;
  for (const [token, whole, fraction = "", exponent = "0"] of decode(bytes).matchAll(tokens)) {
    if (whole === undefined || !Number.isInteger(Number(token))) continue;
    const digits = (whole + fraction).replace(/0+$/, "");
    const dropped = (whole + fraction).length - digits.length;
    if (digits !== "" && BigInt(exponent) - BigInt(fraction.length) + BigInt(dropped) < 0n) return true;
  }
  return false;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}
