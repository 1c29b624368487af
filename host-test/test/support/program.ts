/** `smtp-inspector` as it is built, in a process of its own, from the project's folder. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { projectRoot } from "../../cli/front.js";
import type { Ran } from "./run-command.js";

const main = join(projectRoot(), "dist/host-test/cli/main.js");

/** `npm test` builds it first; whoever runs vitest alone need not have it, and CI accepts no test that was left out. */
export const isBuilt = existsSync(main);

/** Variables that decide on colours, as Node reads them; a test sets its own. */
const PLAIN = {
  NO_COLOR: undefined,
  FORCE_COLOR: undefined,
  NODE_DISABLE_COLORS: undefined,
  COLORTERM: undefined,
  TMUX: undefined,
  CI: undefined,
  TEAMCITY_VERSION: undefined,
  TERM: "xterm",
};

/** Starts it; the caller reads, feeds and ends it. */
export function started(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [main, ...args], {
    cwd: projectRoot(),
    env: { ...process.env, ...PLAIN, ...env },
  });
}

/** Runs it to its end. */
export async function program(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  return ended(started(args, env));
}

/** Reads what a process says until it ends. */
export async function ended(child: ChildProcessWithoutNullStreams): Promise<Ran> {
  const [out, err, [code]] = await Promise.all([
    allOf(child.stdout),
    allOf(child.stderr),
    once(child, "close") as Promise<[number]>,
  ]);
  return { code, out, err };
}

/** Runs it to its end, with a file or a device in the place of its stdout. */
export async function writingTo(path: string, args: readonly string[]): Promise<Omit<Ran, "out">> {
  const file = openSync(path, "a");
  const child = spawn(process.execPath, [main, ...args], {
    cwd: projectRoot(),
    env: { ...process.env, ...PLAIN },
    stdio: ["ignore", file, "pipe"],
  });
  closeSync(file);
  const [err, [code]] = await Promise.all([
    allOf(child.stderr as Readable),
    once(child, "close") as Promise<[number]>,
  ]);
  return { code, err };
}

/**
 * Runs it with a terminal of 80 columns for stderr, and for stdout too if `both`.
 * @param interrupt sends SIGINT when something is on the terminal
 * @returns `err` is what the terminal got; `out` is empty if `both`
 */
export async function atTerminal(
  args: readonly string[],
  both: boolean,
  env: NodeJS.ProcessEnv = {},
  interrupt = false,
): Promise<Ran> {
  const command = [process.execPath, main, ...args];
  const child = spawn("python3", ["-c", PTY, String(both), String(interrupt), ...command], {
    cwd: projectRoot(),
    env: { ...process.env, ...PLAIN, ...env },
  });
  return ended(child);
}

async function allOf(stream: Readable): Promise<string> {
  let all = "";
  stream.setEncoding("utf8");
  for await (const chunk of stream) all += chunk as string;
  return all;
}

/** Passes on what the terminal gets as its own stderr. */
const PTY = `
import fcntl, os, pty, signal, struct, subprocess, sys, termios
master, terminal = pty.openpty()
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
settings = termios.tcgetattr(terminal)
settings[1] &= ~termios.OPOST
termios.tcsetattr(terminal, termios.TCSANOW, settings)
both, interrupt = (argument == "true" for argument in sys.argv[1:3])
child = subprocess.Popen(sys.argv[3:], stdout=terminal if both else sys.stdout, stderr=terminal, stdin=subprocess.DEVNULL)
os.close(terminal)
while True:
    try:
        got = os.read(master, 65536)
    except OSError:
        break
    if not got:
        break
    os.write(2, got)
    if interrupt:
        child.send_signal(signal.SIGINT)
        interrupt = False
sys.exit(child.wait())
`;
