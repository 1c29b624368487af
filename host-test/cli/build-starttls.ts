/** `npm run build:starttls`: builds the STARTTLS switch, a library that Envoy loads. */
import { stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { arch, argv, exit, platform, stderr, stdout } from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildSwitch, type SwitchTarget, SwitchUnavailable, ZIGLANG } from "../host/envoy-switch.js";
import { UserError } from "./args.js";
import { projectRoot } from "./front.js";

const USAGE = `Usage: npm run build:starttls -- [options]

Builds envoy/starttls/starttls_switch.c, which lets Envoy begin TLS inside a session, into build/libsmtp_starttls.so. It
takes the compiler that CC names, else cc, else PyPI's ${ZIGLANG} (python3 -m pip install ${ZIGLANG}).

  --all     for x86-64 and for arm64, with ziglang: build/starttls/x64 and build/starttls/arm64
  --help    show this text

Exit code: 0 built, 1 there is no compiler, or it found an error, 2 a wrong argument.
`;

/** The library's name; Envoy finds it by what is between "lib" and ".so". */
const LIBRARY = "libsmtp_starttls.so";

/** Where the library is built, and from what. */
export function switchPaths(root = projectRoot()): { source: string; output: string } {
  return { source: join(root, "envoy/starttls/starttls_switch.c"), output: join(root, "build", LIBRARY) };
}

async function main(args: string[]): Promise<void> {
  const { all, help } = parse(args);
  if (help) return void stdout.write(USAGE);
  if (platform !== "linux" || !["x64", "arm64"].includes(arch))
    throw new UserError("Envoy loads libraries on Linux on x86-64 or arm64; this machine is of another kind");
  const root = projectRoot();
  const { source, output } = switchPaths(root);
  const onProgress = (line: string): void => void stdout.write(`${line.replaceAll(`${root}/`, "")}\n`);
  const targets: SwitchTarget[] = ["x64", "arm64"];
  const builds = all
    ? targets.map((target) => ({ target, output: join(root, "build/starttls", target, LIBRARY) }))
    : [{ output }];
  for (const build of builds) {
    const start = Date.now();
    await buildSwitch({ source, onProgress, ...build });
    const { size } = await stat(build.output);
    const seconds = ((Date.now() - start) / 1000).toFixed(1);
    stdout.write(`built ${relative(root, build.output)}, ${size} bytes, in ${seconds} s\n`);
  }
  if (!all) stdout.write("now: ENVOY_DYNAMIC_MODULES_SEARCH_PATH=build envoy -c envoy/starttls/envoy.yaml\n");
}

/** Reads the command line. @throws UserError with exit code 2 */
function parse(args: string[]): { all: boolean; help: boolean } {
  const help = { type: "boolean", short: "h" } as const;
  try {
    const { values } = parseArgs({ args, options: { all: { type: "boolean" }, help } });
    return { all: values.all === true, help: values.help === true };
  } catch (error) {
    throw new UserError(`${(error as Error).message} (see --help)`, 2);
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  await main(argv.slice(2)).catch((error: unknown) => {
    if (!(error instanceof UserError) && !(error instanceof SwitchUnavailable)) throw error;
    stderr.write(`build:starttls: ${error.message}\n`);
    exit(error instanceof UserError ? error.exitCode : 1);
  });
}
