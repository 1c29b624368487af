/** The demo's command line. */
import { argumentsOf, portOf } from "./arguments.js";

/** What the user asked for. */
export interface DemoOptions {
  /** Use the Node proxy even where Envoy is available. */
  node: boolean;
  /** Port of 127.0.0.1 to listen on; 0 is any free one. */
  port: number;
  /** A file with a policy (JSON) instead of the one in envoy/envoy.yaml. */
  policy: string | undefined;
  /** Offer STARTTLS and read on inside. */
  starttls: boolean;
  help: boolean;
}

/** An error that the user can fix: its message is one line that says how. */
export class UserError extends Error {
  /** @param exitCode 1 for a failure, 2 for a wrong command line. */
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message);
  }
}

/** Reads the command line. @throws UserError with exit code 2. */
export function parseDemoArgs(args: string[]): DemoOptions {
  try {
    const { values } = argumentsOf("npm start --", args, {
      node: { type: "boolean" },
      port: { type: "string" },
      policy: { type: "string" },
      starttls: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    });
    return {
      node: values.node ?? false,
      port: portOf("--port", values.port ?? "2525", 0),
      policy: values.policy,
      starttls: values.starttls ?? false,
      help: values.help ?? false,
    };
  } catch (error) {
    throw new UserError((error as Error).message, 2);
  }
}
