/** How the worker's answers change the state. */
import type { Answer } from "./messages.js";
import { NO_TALLY, type PageState, type PolicyState, SHOWN_TURNS, type Shown } from "./state.js";

/** @returns what is different now; nothing for a stale answer */
export function after(state: PageState, answer: Answer): Partial<PageState> {
  if ("run" in answer && answer.run !== state.run) return {};
  switch (answer.say) {
    case "ready":
      return { ready: true };
    case "linted":
      return linted(state, answer);
    case "rows": {
      const begun = begin(state);
      return { ...begun, rows: [...(begun.rows ?? state.rows), ...answer.rows], tally: answer.tally };
    }
    case "progress":
      return { ...begin(state), progress: answer.progress };
    case "file": {
      const begun = begin(state);
      return { ...begun, results: [...(begun.results ?? state.results), answer.result] };
    }
    case "malformed":
      return {
        running: false,
        dialogueProblem: answer.problem,
        status: `Line ${answer.problem.line} of the dialogue is not valid. Showing the last valid result`,
      };
    case "ended":
      return ended(state, answer);
    case "session":
      return state.shown?.index !== answer.index
        ? {}
        : { shown: { ...state.shown, reports: answer.reports, change: answer.change } };
    case "exported":
      return { status: `${answer.name} is saved${answer.note === "" ? "" : `; ${answer.note}`}` };
    case "failed":
      return { status: answer.what };
  }
}

/** A session that will be shown; an older view of the same one stays until the worker has answered. */
export function showing({ shown, run }: PageState, index: number): Shown {
  if (shown?.index === index) return { ...shown, run };
  return { run, index, reports: null, change: null, limit: SHOWN_TURNS };
}

/** The policies with one of them changed. */
export function withPolicy(
  { policies }: PageState,
  slot: number,
  change: (policy: PolicyState) => Partial<PolicyState>,
): Pick<PageState, "policies"> {
  return { policies: policies.map((each, at) => (at === slot ? { ...each, ...change(each) } : each)) };
}

/** The first answer of a run clears the previous run, which stays visible until then, so that nothing flickers. */
function begin({ run, rowsOf }: PageState): Partial<PageState> {
  return rowsOf === run ? {} : { rowsOf: run, rows: [], tally: NO_TALLY, results: [], dialogueProblem: null };
}

function ended(state: PageState, answer: Extract<Answer, { say: "ended" }>): Partial<PageState> {
  const { tally, stopped, failed } = answer;
  const sessions = `${tally.sessions} session${tally.sessions === 1 ? "" : "s"}`;
  const changes = state.policies.length > 1 ? `, ${tally.changed} changed by the second policy` : "";
  const how = failed === null ? (stopped ? "Stopped: " : "") : `Failed: ${failed.replace(/\.$/, "")}. `;
  const begun = begin(state);
  const broken = (begun.results ?? state.results).filter(({ problem }) => problem !== null).length;
  const files = broken === 0 ? "" : `; ${broken} file${broken === 1 ? "" : "s"} not read completely`;
  const status = `${how}${sessions}, ${tally.withFindings} with findings${changes}${files}`;
  return { ...begun, running: false, progress: null, tally, status };
}

function linted(
  state: PageState,
  { slot, version, problems }: Extract<Answer, { say: "linted" }>,
): Partial<PageState> {
  if (state.policies[slot]?.version !== version) return {};
  const taken = !problems.some(({ level }) => level === "error");
  return withPolicy(state, slot, ({ text, accepted }) => ({
    checking: false,
    problems,
    accepted: taken ? text : accepted,
  }));
}
