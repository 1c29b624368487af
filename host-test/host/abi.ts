/** Numbers of the proxy-wasm ABI 0.2.1, as Envoy 1.40 uses them. */
export const WasmResult = {
  Ok: 0,
  NotFound: 1,
  BadArgument: 2,
  SerializationFailure: 3,
  ParseFailure: 4,
  BadExpression: 5,
  InvalidMemoryAccess: 6,
  Empty: 7,
  CasMismatch: 8,
  ResultMismatch: 9,
  InternalFailure: 10,
  BrokenConnection: 11,
  Unimplemented: 12,
} as const;

export const BufferType = {
  DownstreamData: 2,
  UpstreamData: 3,
  HttpCallResponseBody: 4,
  VmConfiguration: 6,
  PluginConfiguration: 7,
  CallData: 8,
} as const;

export const StreamType = { Request: 0, Response: 1, Downstream: 2, Upstream: 3 } as const;

/** Who closed a connection: the argument of `proxy_on_*_connection_close`. */
export const PeerType = { Unknown: 0, Local: 1, Remote: 2 } as const;

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "critical"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where a log line came from: the trial instance, the main thread's instance, or a worker's number. */
export type WorkerName = "canary" | "main" | number;

export interface LogLine {
  level: LogLevel;
  message: string;
  worker: WorkerName;
}
