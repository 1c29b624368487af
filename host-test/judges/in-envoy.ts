/** Envoy in front of the judges: a listener for each server and profile, in clear and, where wanted, ending TLS. */
import { join } from "node:path";
import { projectRoot } from "../cli/front.js";
import { envoyBootstrap } from "../host/envoy-bootstrap.js";
import { EnvoyProcess } from "../host/envoy-process.js";
import type { MailServer } from "./mail-server.js";
import { ehlo, type Step } from "./steps.js";

const PROFILES = ["recommended", "strict"] as const;
/** The end of the name of a setting in which the filter ends TLS. */
export const IN_TLS = " in TLS";

/** Greeting, EHLO and STARTTLS; then the stream, whose own first step is to wait for the greeting. */
export function insideTls(steps: readonly Step[]): Step[] {
  const [first, ...rest] = steps;
  if (first === undefined || !("reply" in first))
    throw new Error("inside TLS nothing comes before a greeting");
  return [...ehlo, { send: "STARTTLS\r\n" }, { reply: true }, { tls: true }, ...rest];
}

/** @param switchFolder has the switch; with it there are listeners that end TLS */
export async function startEnvoy(
  judges: readonly MailServer[],
  { cert, key, directory }: { cert: string; key: string; directory: string },
  switchFolder: string | undefined,
): Promise<EnvoyProcess> {
  const places = switchFolder === undefined ? [""] : ["", IN_TLS];
  const listeners = judges.flatMap((judge, index) =>
    PROFILES.flatMap((profile) =>
      places.map((place) => ({
        name: `${profile}${place} ${judge.name}`,
        wasm: join(projectRoot(), "build/smtp-inspector.wasm"),
        policy: JSON.stringify({
          stat_prefix: `judge_${index}`,
          profile,
          ...(place !== "" && { starttls: { terminate: true } }),
          events: { max_per_second: 10_000 },
        }),
        upstreamPort: judge.port,
        ...(place !== "" && { tls: { cert, key, begins: "switch" as const } }),
        accessLog: join(directory, "access"),
        accessLogFormat:
          "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %FILTER_STATE(wasm.smtp_inspector:PLAIN)%\n",
      })),
    ),
  );
  return EnvoyProcess.start({
    bootstrap: envoyBootstrap(listeners),
    // The access log is waited for.
    args: ["--file-flush-interval-msec", "100"],
    ...(switchFolder !== undefined && { env: { ENVOY_DYNAMIC_MODULES_SEARCH_PATH: switchFolder } }),
  });
}
