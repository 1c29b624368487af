/** Who imports whom, read from the source files themselves. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

/** Every source file under `folder`, by its path from the project's folder. */
export function sourcesIn(project: string, folder: string): string[] {
  return readdirSync(join(project, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".d.ts"))
    .map((name) => join(folder, name))
    .sort();
}

/** Files that each of `files` imports from or re-exports. @throws Error when such a file is not there */
export function importGraph(project: string, files: readonly string[]): Map<string, string[]> {
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const paths = importsOf(file, readFileSync(join(project, file), "utf8"));
      return [file, [...new Set(paths.flatMap((path) => targetOf(file, path, known)))]];
    }),
  );
}

/** Circles in a graph: each as the files in the order of their imports, the first again at the end. */
export function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const walk = (file: string, way: readonly string[]): void => {
    const at = way.indexOf(file);
    if (at >= 0) circles.push([...way.slice(at), file]);
    if (at >= 0 || done.has(file)) return;
    for (const target of graph.get(file) ?? []) walk(target, [...way, file]);
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return circles;
}

/** What a file's import and export statements, dynamic imports and import types name. */
function importsOf(file: string, source: string): string[] {
  const paths: string[] = [];
  const visit = (node: ts.Node): void => {
    const named = moduleOf(node);
    if (named !== undefined && ts.isStringLiteralLike(named)) paths.push(named.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, false));
  return paths;
}

function moduleOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  const isImport = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return isImport ? node.arguments[0] : undefined;
}

/** The source file that `path` means in `from`: none for packages, and for what Vite makes of other files. */
function targetOf(from: string, path: string, known: ReadonlySet<string>): string[] {
  const [plain = ""] = path.split("?");
  if (!plain.startsWith(".") || /\.(css|json|wasm)$/.test(plain)) return [];
  const at = join(dirname(from), plain);
  const tries = [at, `${at}.ts`, at.replace(/\.js$/, ".ts"), at.replace(/\.js$/, ".tsx")];
  const found = tries.find((each) => known.has(each));
  if (found === undefined) throw new Error(`${from} imports ${path}, which is no source file`);
  return [found];
}
