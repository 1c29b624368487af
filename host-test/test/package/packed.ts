/** The package as somebody gets it who has Node alone: packed from a copy of the sources, installed elsewhere. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../cli/front.js";
import type { Ran } from "../support/run-command.js";

/** What a checkout has of its own, and a clone has not. */
const OWN = new Set(["node_modules", "build", "dist", "coverage", ".git", ".tools"]);

/** A tarball, and where it is installed. */
export class Packed {
  readonly folder = mkdtempSync(join(tmpdir(), "smtp-inspector-package-"));
  /** A user who has set nothing; of the machine there are its proxies and certificates, and the registry to use. */
  readonly env: NodeJS.ProcessEnv;
  tarball = "";
  /** Paths in the tarball, as npm lists them. */
  files: string[] = [];

  constructor(registry: string) {
    const inherited = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
    this.env = {
      ...Object.fromEntries(inherited),
      HOME: this.made("home"),
      npm_config_prefix: this.made("prefix"),
      npm_config_registry: registry,
      npm_config_fund: "false",
      npm_config_audit: "false",
      npm_config_update_notifier: "false",
      NO_COLOR: "1",
    };
  }

  /** An empty folder. */
  made(name: string): string {
    const path = join(this.folder, name);
    mkdirSync(path);
    return path;
  }

  /** `npm pack` in a copy of the sources in which nothing is compiled; the compilers are those of this checkout. */
  async pack(): Promise<void> {
    const [root, copy] = [projectRoot(), this.made("sources")];
    cpSync(root, copy, {
      recursive: true,
      filter: (path) => !OWN.has(relative(root, path).split(sep)[0] ?? ""),
    });
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    const { out } = await this.run(copy, "npm", "pack", "--json", "--pack-destination", this.folder);
    const [packed] = JSON.parse(out.slice(out.indexOf("[\n"))) as [
      { filename: string; files: { path: string }[] },
    ];
    this.tarball = join(this.folder, packed.filename);
    this.files = packed.files.map(({ path }) => path);
  }

  /** Where `npm i -g` puts it. */
  get installed(): string {
    return join(this.folder, "prefix/lib/node_modules/smtp-inspector");
  }

  get program(): string {
    return join(this.folder, "prefix/bin/smtp-inspector");
  }

  /** Runs a program to its end. @param cwd where @throws nothing: the code says how it went */
  async run(cwd: string, program: string, ...args: string[]): Promise<Ran> {
    try {
      const options = { cwd, env: this.env, maxBuffer: 1 << 26 };
      const { stdout, stderr } = await promisify(execFile)(program, args, options);
      return { code: 0, out: stdout, err: stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
      return { code: typeof code === "number" ? code : -1, out: stdout, err: stderr };
    }
  }

  text(path: string): string {
    return readFileSync(join(this.installed, path), "utf8");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The registry that npm uses on this machine. */
export async function registryHere(): Promise<string> {
  const { stdout } = await promisify(execFile)("npm", ["config", "get", "registry"], { cwd: projectRoot() });
  return stdout.trim();
}
