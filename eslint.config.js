// Enforces what no compiler does: the direction of imports, files and functions that a reader can hold in the head, and
// that nothing under test is mocked. CONTRIBUTING.md says what each folder is for.
import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** Folders and files of assembly/, from top to bottom, each with those that it may import from. */
const FILTER = {
  index: ["inspector", "flow", "session", "envoy"],
  inspector: ["flow", "verdict", "session", "telemetry", "policy", "envoy"],
  flow: ["verdict", "session", "telemetry", "protections", "policy", "smtp", "envoy"],
  verdict: ["session", "telemetry", "protections", "policy", "smtp", "envoy"],
  session: ["telemetry", "policy", "smtp", "envoy"],
  telemetry: ["protections/catalogue", "smtp/scan", "envoy"],
  // A policy names protections and their reasons.
  policy: ["protections/catalogue", "protections/generated-reasons", "protections/generated-words"],
  // The rule of the operator's own words is one of them.
  protections: ["policy/word-rule", "smtp"],
  smtp: [],
  envoy: [],
};

/** The same for host-test/. */
const TOOLS = {
  test: [
    "exhaustive",
    "bench",
    "judges",
    "mutants",
    "fuzz",
    "peers",
    "web",
    "library",
    "cli",
    "html",
    "lint",
    "pages",
    "dashboard",
    "workbench",
    "host",
    "assembly",
  ],
  exhaustive: ["bench", "cli", "host"],
  bench: ["fuzz", "peers", "cli", "host"],
  judges: ["peers", "cli", "host"],
  mutants: ["fuzz", "cli"],
  fuzz: ["pages", "host", "assembly"],
  peers: [],
  web: ["html", "lint", "pages", "workbench", "assembly"],
  cli: ["html", "lint", "pages", "workbench", "host", "assembly"],
  // What others import, as smtp-inspector/host.
  library: ["cli", "workbench", "host"],
  html: ["workbench"],
  lint: ["pages", "workbench", "host", "assembly"],
  // What the pages of host-test/vectors say, and what is written from them.
  pages: ["dashboard", "assembly"],
  dashboard: [],
  workbench: ["host"],
  host: [],
  probe: ["assembly"],
  assembly: [],
};

/** A function that a reader can hold in the head. */
const FUNCTION = ["error", { max: 40, skipBlankLines: true, skipComments: true }];

/** Forbids imports whose path matches a regular expression. */
const forbid = (...patterns) => ({ "no-restricted-imports": ["error", { patterns }] });

/** Forbids imports from all of `rooms` that `room` does not list. @param up the way from a file of it to the rooms */
function onlyListed(rooms, room, up = "(\\.\\./)+") {
  const listed = rooms[room];
  const others = Object.keys(rooms).filter((other) => other !== room && !listed.includes(other));
  const closed = others.map((other) => {
    const open = listed
      .filter((path) => path.startsWith(`${other}/`))
      .map((path) => path.slice(other.length + 1));
    return open.length === 0 ? `${other}(/|\\.|$)` : `${other}/(?!(${open.join("|")})(\\.|$))`;
  });
  return {
    regex: `^${up}(${closed.join("|")})`,
    message: `${room} imports from ${listed.join(", ") || "no other folder"} only (eslint.config.js).`,
  };
}

const SDK = { regex: "^proxy-wasm-sdk-as", message: "Only envoy/host.ts knows the ABI." };
const OURS = { regex: "^\\.(?!/wasi_snapshot_preview1$)", message: "This file imports nothing of ours." };
const NODE = {
  regex: "^node:",
  message: "This runs in browsers, too: Node is for cli/ and workbench/files.ts.",
};

const filterRooms = Object.keys(FILTER).flatMap((room) => [
  { files: [`assembly/${room}.ts`], rules: forbid(onlyListed(FILTER, room, "\\./"), SDK) },
  {
    files: [`assembly/${room}/**/*.ts`],
    rules: forbid(onlyListed(FILTER, room), ...(room === "envoy" ? [] : [SDK])),
  },
]);

const BROWSER_ROOMS = ["web", "html", "lint", "workbench", "host"];
/** Files of those folders that only Node loads. */
const NODE_FILES = [
  "host-test/workbench/files.ts",
  "host-test/host/envoy-*.ts",
  "host-test/web/vite.config.ts",
];

const toolRooms = Object.keys(TOOLS).flatMap((room) => {
  const files = [`host-test/${room}/**/*.ts`, `host-test/${room}/**/*.tsx`];
  const direction = onlyListed(TOOLS, room);
  if (!BROWSER_ROOMS.includes(room)) return [{ files, rules: forbid(direction) }];
  return [
    { files, ignores: NODE_FILES, rules: forbid(direction, NODE) },
    { files: NODE_FILES.filter((file) => file.startsWith(`host-test/${room}/`)), rules: forbid(direction) },
  ].filter((config) => config.files.length > 0);
});

export default tseslint.config(
  { ignores: ["build/", "dist/", ".tools/", "coverage/", "node_modules/"] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    rules: {
      "max-lines": ["error", { max: 250 }],
      "max-lines-per-function": FUNCTION,
      eqeqeq: "error",
      "no-undef": "off",
    },
  },
  {
    // Nobody reads these from end to end: npm run docs writes them, a line for each protection and reason.
    files: ["**/generated-*.ts"],
    rules: { "max-lines": "off", "max-lines-per-function": "off" },
  },
  {
    files: ["assembly/**/*.ts"],
    rules: {
      // AssemblyScript: sized integers need `==` on mixed widths and the compiler checks types itself.
      eqeqeq: "off",
      "prefer-const": "error",
      // AssemblyScript has no definite assignment: a variable needs its first value where it is declared.
      "no-useless-assignment": "off",
      "@typescript-eslint/no-namespace": "off",
      "@typescript-eslint/ban-ts-comment": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  ...filterRooms,
  {
    files: ["assembly/policy/json.ts", "assembly/policy/cidr.ts", "assembly/envoy/host.ts"],
    rules: forbid(OURS),
  },
  ...toolRooms,
  {
    // The callbacks of describe and test.
    files: ["host-test/**/*.test.ts"],
    rules: { "max-lines-per-function": "off" },
  },
  {
    files: ["host-test/**/*.ts", "host-test/**/*.tsx"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "MemberExpression[object.name='vi'][property.name=/^(mock|spyOn|fn)$/]",
          message: "Drive bytes through the shipped wasm; mock nothing of our own.",
        },
        {
          selector: "CallExpression[callee.property.name='only']",
          message: "A narrowed test run must not be committed.",
        },
      ],
    },
  },
);
