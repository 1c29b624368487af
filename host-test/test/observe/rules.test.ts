/** `envoy/prometheus` by the judgement of promtool: configuration, rules, and two cases for each alert. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { LIMITS } from "../../../assembly/policy/fields.js";
import { PAGES } from "../../pages/generated-pages.js";
import { FOLDER, hasPrometheus, promtool } from "./prometheus.js";
import { alerts, comparedBy } from "./rules.js";

const RULES = readFileSync(`${FOLDER}smtp-inspector.rules.yaml`, "utf8");
const OBSERVING = new URL("../../../envoy/OBSERVING.md", import.meta.url);

describe.skipIf(!hasPrometheus("alerts and their tests"))("promtool", () => {
  test("takes the configuration and the rules", () => {
    for (const args of [
      ["config", "prometheus.yaml"],
      ["rules", "--lint=all", "--lint-fatal", "smtp-inspector.rules.yaml"],
    ])
      expect(promtool("check", ...args)).toMatchObject({ status: 0 });
  });

  test("sees each alert fire and stay silent where it should", () => {
    expect(promtool("test", "rules", "smtp-inspector.rules.test.yaml")).toEqual({
      status: 0,
      said: "Unit Testing:  smtp-inspector.rules.test.yaml\n  SUCCESS\n\n",
    });
  });
});

describe("the alerts", () => {
  test.each(alerts().map((each) => [each.alert, each] as const))("%s", (name, { annotations }) => {
    const { tests } = parse(readFileSync(`${FOLDER}smtp-inspector.rules.test.yaml`, "utf8")) as {
      tests: { name: string; alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
    };
    const expected = tests.flatMap(({ alert_rule_test }) => alert_rule_test);
    const counts = expected
      .filter(({ alertname }) => alertname === name)
      .map(({ exp_alerts }) => exp_alerts.length);
    expect(counts, "a case in which it fires").toContain(1);
    expect(counts, "a case in which it does not").toContain(0);
    const [page, anchor] = annotations.runbook.split("#");
    expect(page).toBe("envoy/OBSERVING.md");
    expect(readFileSync(OBSERVING, "utf8")).toContain(`<a id="${anchor}"></a>`);
    for (const text of Object.values(annotations)) expect(text).not.toBe("");
  });

  test("name nothing that the filter does not have", () => {
    const ids = PAGES.map(({ id }) => id);
    const named = [...RULES.matchAll(/smtp_protection=~?"([^"]+)"/g)].flatMap(
      ([, list]) => list?.split("|") ?? [],
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((id) => !ids.includes(id))).toEqual([]);
    const limit = LIMITS.find(({ key }) => key === "memory_bytes");
    expect(RULES).toContain(` * ${limit?.initial} * envoy_server_concurrency`);
  });

  test("are taken apart where they compare", () => {
    const parts = Object.fromEntries(alerts().map((each) => [each.alert, comparedBy(each).length]));
    expect(parts).toEqual({
      SmtpFindingsPrevented: 3,
      SmtpDesync: 1,
      SmtpProtocolErrors: 3,
      SmtpRecipientHarvest: 3,
      SmtpAuthFailures: 3,
      SmtpInspectorReloaded: 1,
      SmtpInspectorNotInPath: 2,
      SmtpInspectorRefuses: 1,
      SmtpInspectorMemoryNear: 2,
      SmtpCertificateEnds: 1,
    });
  });
});
