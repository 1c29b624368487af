/**
 * Run before each file of tests: whatever the filter logs in it, and each record that it leaves for the access log, is checked
 * against `envoy/events.schema.json`; the test in which a line is not as it says fails.
 */
import { afterEach, expect } from "vitest";
import { HostContext } from "../../host/context.js";
import { EnvoyProcess } from "../../host/envoy-process.js";
import { StreamContext } from "../../host/stream.js";
import { eventFault } from "./event-check.js";

/** More say nothing more. */
const FAULTS_MOST = 5;
const faults: string[] = [];

function check(text: string): void {
  // All else that the filter logs is a sentence.
  if (!text.startsWith("{") || faults.length >= FAULTS_MOST) return;
  const fault = eventFault(text);
  if (fault !== null) faults.push(fault);
}

const { log } = HostContext.prototype;
HostContext.prototype.log = function (level, message) {
  check(message);
  log.call(this, level, message);
};

const { setProperty } = StreamContext.prototype;
StreamContext.prototype.setProperty = function (key, value) {
  if (key === "smtp_inspector") check(Buffer.from(value).toString("utf8"));
  return setProperty.call(this, key, value);
};

const start = EnvoyProcess.start.bind(EnvoyProcess);
EnvoyProcess.start = (options) =>
  start({
    ...options,
    onWasmLog: (line) => {
      check(line.message);
      options.onWasmLog?.(line);
    },
  });

afterEach(() => {
  expect(faults.splice(0)).toEqual([]);
});
