/** The filter and `envoy/policy.schema.json` take and refuse the same policies, and the filter says why. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ConfigurationRefused, Plugin } from "../../host/plugin.js";
import { hasDuplicateKeys, refusals, samples, schemaAccepts } from "../support/policies.js";

const wasm = new WebAssembly.Module(
  readFileSync(new URL("../../../build/smtp-inspector.wasm", import.meta.url)),
);
const envoy = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../../envoy/${name}`, import.meta.url)));

/** What the filter says to a policy: nothing when it takes it. */
function refusal(configuration: Uint8Array | string): string | null {
  try {
    Plugin.load(wasm, { configuration }).shutdown();
    return null;
  } catch (error) {
    if (error instanceof ConfigurationRefused) return error.message;
    throw error;
  }
}

describe("a policy that both take", () => {
  for (const { name, bytes } of samples("accepted")) {
    test(name, () => {
      expect(schemaAccepts(bytes)).toBe(true);
      expect(hasDuplicateKeys(bytes)).toBe(false);
      expect(refusal(bytes)).toBeNull();
    });
  }
  for (const { name, bytes } of samples("accepted-as-text")) {
    test(name, () => {
      // Envoy hands over no bytes where no configuration is given, which is no JSON.
      expect(schemaAccepts(bytes)).toBe(bytes.length === 0 ? undefined : true);
      expect(refusal(bytes)).toBeNull();
    });
  }
});

describe("a policy that both refuse", () => {
  const expected = refusals();
  const refused = samples("refused");
  const asText = samples("refused-as-text");

  for (const { name, bytes } of refused) {
    test(name, () => {
      expect(schemaAccepts(bytes)).toBe(false);
      expect(refusal(bytes)).toBe(expected.get(name));
    });
  }
  for (const { name, bytes } of asText) {
    test(name, () => {
      expect(schemaAccepts(bytes) === true && !hasDuplicateKeys(bytes)).toBe(false);
      expect(refusal(bytes)).toBe(expected.get(name));
    });
  }
  test("refused.txt has a line for each of them and no other", () => {
    expect([...expected.keys()].sort()).toEqual([...refused, ...asText].map(({ name }) => name).sort());
  });
});

describe("length", () => {
  test("65536 bytes are a policy", () => {
    expect(refusal(`{}${" ".repeat(65534)}`)).toBeNull();
  });
  test("65537 bytes are none", () => {
    expect(refusal(`{}${" ".repeat(65535)}`)).toBe(
      "policy refused at $ (offset 65536): longer than 65536 bytes",
    );
  });
});

describe("what envoy/ ships", () => {
  test("policy.json is a policy", () => {
    expect(schemaAccepts(envoy("policy.json"))).toBe(true);
    expect(refusal(envoy("policy.json"))).toBeNull();
  });
});
