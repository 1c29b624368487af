// Enforces what no compiler does: the direction of imports (CONTRIBUTING.md, "Layout"), files a reader can
// hold in the head, and that nothing under test is mocked.
import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** Forbids imports whose path matches one of `groups`, with the reason printed beside the finding. */
const forbid = (message, ...groups) => ({
  "no-restricted-imports": ["error", { patterns: groups.map((group) => ({ group: [group], message })) }],
});

export default tseslint.config(
  { ignores: ["build/", "dist/", ".tools/", "coverage/", "node_modules/"] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    rules: {
      "max-lines": ["error", { max: 250 }],
      eqeqeq: "error",
      "no-undef": "off",
    },
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
  {
    files: ["assembly/smtp/**/*.ts"],
    rules: forbid("smtp/ is pure parsing: it knows nobody above it", "../*"),
  },
  {
    files: ["assembly/policy/json.ts", "assembly/policy/cidr.ts"],
    rules: forbid("policy/json and policy/cidr know nobody", "../*", "./*"),
  },
  {
    files: ["assembly/policy/policy.ts"],
    rules: forbid(
      "a policy is flat data: only the catalogue stands above it",
      "../host*",
      "../session*",
      "../enforce*",
      "../report*",
      "../inspector*",
    ),
  },
  {
    files: ["assembly/protections/**/*.ts"],
    rules: forbid(
      "protections are pure: (parsed thing, policy, session facts) to a reason; they never touch the host",
      "../host*",
      "../enforce*",
      "../report*",
      "../inspector*",
      "../session",
      "../sessions",
    ),
  },
  {
    files: ["assembly/*.ts"],
    ignores: ["assembly/index.ts", "assembly/host.ts"],
    rules: forbid(
      "index, inspector, session, and down from there: nobody looks up",
      "./index",
      "./inspector",
    ),
  },
  {
    files: ["assembly/host.ts"],
    rules: forbid("host.ts is the bottom: it knows only the ABI", "./*", "../*"),
  },
  {
    files: ["host-test/workbench/**", "host-test/lint/**", "host-test/web/**", "host-test/html/**"],
    ignores: ["host-test/workbench/files.ts", "host-test/web/vite.config.ts"],
    rules: forbid("this runs in browsers, too: Node is for cli/ and workbench/files.ts", "node:*"),
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
