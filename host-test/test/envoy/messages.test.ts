/** What lint knows of Envoy's messages is what this Envoy has in its binary (host-test/cli/envoy-messages.ts). */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { messagesText } from "../../cli/envoy-messages.js";
import { messagesOf } from "../../host/envoy-descriptors.js";
import { envoyOrNull } from "../support/envoy-or-not.js";

const binary = await envoyOrNull("lint's table of Envoy's messages");

test.skipIf(binary === null)("the table of messages is that of Envoy's binary", () => {
  const text = readFileSync(new URL("../../lint/envoy-messages.ts", import.meta.url), "utf8");
  expect(messagesText(messagesOf(readFileSync(binary as string)))).toBe(text);
});
