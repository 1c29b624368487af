/** `npm pack`, `npm i -g` and the program and the library that come of it, away from any checkout. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { projectRoot } from "../../cli/front.js";
import { waitFor } from "../../peers/net.js";
import { Packed, registryHere } from "./packed.js";

const packed = new Packed(await registryHere());
afterAll(() => packed.remove());

/** Somebody's own folder, in which there is nothing of ours. */
const elsewhere = packed.made("elsewhere");
const run = (...args: string[]): ReturnType<Packed["run"]> => packed.run(elsewhere, packed.program, ...args);

beforeAll(async () => {
  await packed.pack();
  const ran = await packed.run(packed.folder, "npm", "install", "--global", packed.tarball);
  expect(ran, ran.err).toMatchObject({ code: 0 });
}, 900_000);

/** Bytes of all files below a folder. */
function sizeOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
}

describe("the tarball", () => {
  /** How many files there may be in each folder; null: any number. */
  const ROOMS = {
    "": ["LICENSE", "README.md", "package.json"],
    bin: ["smtp-inspector.js"],
    build: ["smtp-inspector.wasm"],
    "host-test/html": ["session.css"],
    "dist/assembly/policy": ["fields.js"],
  };
  const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

  test("has the program, module, page, pages of the protections, configurations and the switch", () => {
    for (const path of [
      "dist/host-test/cli/main.js",
      "dist/host-test/library/index.d.ts",
      "dist/web/index.html",
      "envoy/envoy.yaml",
      "envoy/policy.json",
      "envoy/policy.schema.json",
      "envoy/starttls/envoy.yaml",
      "envoy/starttls/starttls_switch.c",
      "host-test/vectors/exchange_command.md",
    ])
      expect(packed.files).toContain(path);
    for (const [folder, names] of Object.entries(ROOMS)) {
      const found = packed.files.filter((path) => folderOf(path) === folder);
      expect(found, folder).toEqual(names.map((name) => (folder === "" ? name : `${folder}/${name}`)));
    }
  });

  test("has nothing else of the checkout: no test, no source, no compiler, no map", () => {
    const allowed =
      /^(?:envoy\/|host-test\/vectors\/\w+\.md$|dist\/web\/(?:index\.html|assets\/)|dist\/host-test\/(?:cli|host|html|library|lint|pages|workbench)\/[\w-]+\.(?:js|d\.ts)$)/;
    const others = packed.files.filter((path) => !allowed.test(path) && !(folderOf(path) in ROOMS));
    expect(others).toEqual([]);
    expect(
      packed.files.filter((path) => /\.map$|\.test\.|\.tsx?$/.test(path) && !path.endsWith(".d.ts")),
    ).toEqual([]);
    expect(packed.files.filter((path) => path.endsWith(".d.ts"))).toEqual([
      "dist/host-test/library/conversation.d.ts",
      "dist/host-test/library/index.d.ts",
    ]);
  });

  test("runs no script when it is installed", () => {
    const { scripts } = JSON.parse(packed.text("package.json")) as { scripts: Record<string, string> };
    const LIFECYCLE = ["preinstall", "install", "postinstall", "prepare"];
    expect(Object.keys(scripts).filter((name) => LIFECYCLE.includes(name))).toEqual([]);
    expect(readdirSync(packed.installed)).not.toContain("binding.gyp");
  });

  test("what is compiled imports nothing but Node and the packages that come with it", () => {
    const { dependencies } = JSON.parse(packed.text("package.json")) as {
      dependencies: Record<string, string>;
    };
    const imported = packed.files
      .filter((path) => /^dist\/host-test\/.*\.js$/.test(path))
      .flatMap((path) => [
        ...packed.text(path).matchAll(/^(?:import|export|\}) [^"\n]*\bfrom "([^."][^"]*)";$/gm),
      ])
      .map(([, name]) => name as string)
      .filter((name) => !name.startsWith("node:"));
    expect([...new Set(imported)].sort()).toEqual([
      "@assemblyscript/loader",
      "preact-render-to-string",
      "preact/jsx-runtime",
      "yaml",
    ]);
    expect(Object.keys(dependencies).sort()).toEqual([
      "@assemblyscript/loader",
      "preact",
      "preact-render-to-string",
      "yaml",
    ]);
  });

  test("takes at most 10 MB on the disk, with all that it depends on", () => {
    const size = sizeOf(packed.installed);
    console.log(
      `installed: ${(size / 1e6).toFixed(1)} MB, tarball: ${(statSync(packed.tarball).size / 1e6).toFixed(2)} MB`,
    );
    expect(size).toBeGreaterThan(1e6);
    expect(size).toBeLessThanOrEqual(10e6);
  });
});

describe("the program, from another folder", () => {
  const SESSION = "# one\n\n```smtp\nS: 220 a\nC: EHLO b\nS: 250 a\nC: XADR\n```\n";

  test("--version and --help", async () => {
    const { version } = JSON.parse(packed.text("package.json")) as { version: string };
    expect(await run("--version")).toEqual({ code: 0, out: `smtp-inspector ${version}\n`, err: "" });
    expect((await run("--help")).out).toMatch(/^Usage: smtp-inspector /);
  });

  test("replay, as text and as HTML", async () => {
    writeFileSync(join(elsewhere, "one.md"), SESSION);
    const text = await run("replay", "one.md");
    expect(text).toMatchObject({ code: 1, err: "" });
    expect(text.out).toContain(
      "\nC> XADR\n^ private_command/private_verb: prevented (reject), 502 5.5.1 to the client\n",
    );
    const html = await run("replay", "one.md", "--html");
    expect(html).toMatchObject({ code: 1, err: "" });
    expect(html.out).toMatch(/^<!doctype html>/i);
  });

  test("init, lint of what it writes, and explain", async () => {
    const { code, out } = await run("init", "--for", "istio");
    expect(code).toBe(0);
    writeFileSync(join(elsewhere, "plugin.yaml"), out);
    expect(await run("lint", "plugin.yaml")).toMatchObject({ code: 0, err: "" });
    expect((await run("init")).out).toContain("configuration:\n");
    expect((await run("explain", "exchange_command")).out).toContain("XEXCH50");
  });

  test("the page is served", async () => {
    const child = spawn(packed.program, ["web", "--port", "0"], { cwd: elsewhere, env: packed.env });
    onTestFinished(() => void child.kill("SIGKILL"));
    let said = "";
    child.stdout.on("data", (chunk) => (said += String(chunk)));
    await waitFor(() => said.includes("\n"), "the page's address");
    const address = /^(http:\S+)/.exec(said)?.[1] ?? "";
    const page = await (await fetch(address)).text();
    const script = /src="\.\/(assets\/[\w-]+\.js)"/.exec(page)?.[1] ?? "";
    expect((await fetch(address + script)).status).toBe(200);
    child.kill("SIGINT");
    expect(await once(child, "close")).toEqual([130, null]);
  });
});

describe("the example project", () => {
  test("compiles against the package's types and passes", { timeout: 600_000 }, async () => {
    const [root, project] = [projectRoot(), join(packed.folder, "example")];
    cpSync(join(root, "host-test/example"), project, { recursive: true });
    // The compiler and Node's types are those of this checkout; only the package itself is installed.
    const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as object;
    writeFileSync(join(project, "package.json"), JSON.stringify({ ...manifest, devDependencies: {} }));
    const ran = await packed.run(project, "npm", "install", "--no-save", packed.tarball);
    expect(ran, ran.err).toMatchObject({ code: 0 });
    mkdirSync(join(project, "node_modules/@types"), { recursive: true });
    mkdirSync(join(project, "node_modules/.bin"), { recursive: true });
    symlinkSync(join(root, "node_modules/@types/node"), join(project, "node_modules/@types/node"));
    symlinkSync(join(root, "node_modules/typescript/bin/tsc"), join(project, "node_modules/.bin/tsc"));
    const tested = await packed.run(project, "npm", "test");
    expect(tested, tested.out + tested.err).toMatchObject({ code: 0 });
    expect(tested.out).toMatch(/^(?:#|ℹ) pass 5$/m);
    // The types are there, and say what is wrong.
    writeFileSync(
      join(project, "wrong.ts"),
      'import { SmtpInspector } from "smtp-inspector/host";\nSmtpInspector.load(7);\n',
    );
    const wrong = await packed.run(project, "npx", "tsc", "--noEmit");
    expect(wrong.out).toContain("wrong.ts(2,20): error TS2345");
  });

  test("names the versions that this checkout has", () => {
    const versions = (path: string): Record<string, string> =>
      (
        JSON.parse(readFileSync(join(projectRoot(), path), "utf8")) as {
          devDependencies: Record<string, string>;
        }
      ).devDependencies;
    const [ours, theirs] = [versions("package.json"), versions("host-test/example/package.json")];
    for (const name of ["typescript", "@types/node"]) expect(theirs[name], name).toBe(ours[name]);
  });
});
