/** The worker: loads the filter, lints policies, plays inputs, and sends reports and exports. */
import filterBase64 from "../../build/smtp-inspector.wasm?url&inline";
import { loadJudge } from "../workbench/sessions.js";
import { exported } from "./exports.js";
import { conversationsIn, DialogueError, type Source } from "./inputs.js";
import { KeptSessions } from "./kept.js";
import { policyTextProblems } from "./lint.js";
import type { Answer, Request } from "./messages.js";
import { Run } from "./run.js";

const tell = (answer: Answer): void => self.postMessage(answer);

const filter = new WebAssembly.Module(
  // The page may not fetch anything, not even from itself.
  Uint8Array.from(atob(filterBase64.slice(filterBase64.indexOf(",") + 1)), (one) => one.charCodeAt(0)),
);

const kept = new KeptSessions();
let stop = new AbortController();
let latest: Promise<void> = Promise.resolve();
let latestRun: Run | null = null;

self.onmessage = ({ data }: MessageEvent<Request>): void => {
  answer(data).catch((error: unknown) => tell({ say: "failed", what: (error as Error).message }));
};

async function answer(request: Request): Promise<void> {
  if (request.ask === "lint") {
    const { slot, version, text } = request;
    tell({ say: "linted", slot, version, problems: policyTextProblems(filter, text) });
  } else if (request.ask === "replay") {
    stop.abort();
    const own = (stop = new AbortController());
    const before = latest.catch(() => {});
    latest = before.then(() => (own.signal.aborted ? undefined : replay(request, own.signal)));
    await latest;
  } else if (request.ask === "stop") {
    stop.abort();
  } else if (request.ask === "show") {
    const { reports = [], change = null } = kept.get(request.index) ?? {};
    tell({ say: "session", run: request.run, index: request.index, reports, change });
  } else if (latestRun !== null) {
    tell({ say: "exported", run: request.run, ...(await exported(filter, request, kept, latestRun)) });
  }
}

async function replay(
  { run, input, policies }: Extract<Request, { ask: "replay" }>,
  signal: AbortSignal,
): Promise<void> {
  let source: Source;
  try {
    source =
      input.kind === "files" ? input : { kind: "dialogue", conversations: conversationsIn(input.text) };
  } catch (error) {
    if (!(error instanceof DialogueError)) throw error;
    tell({ say: "malformed", run, problem: error.problem });
    return;
  }
  kept.clear();
  const judges = policies.map((policy) => loadJudge(filter, policy));
  latestRun = new Run({ run, input: source, policies, judges, kept, signal, tell });
  const failed = await latestRun.play().then(
    () => null,
    (error: unknown) => (error as Error).message,
  );
  for (const { plugin } of judges) plugin.shutdown();
  tell({ say: "ended", run, tally: latestRun.tally, stopped: signal.aborted, failed });
}

tell({ say: "ready" });
