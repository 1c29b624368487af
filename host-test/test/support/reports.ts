/** Reports on conversations that a test writes down, and their HTML. */
import { filterModule } from "../../cli/front.js";
import { HtmlWriter } from "../../html/html.js";
import type { SessionReport, SessionStart } from "../../workbench/model.js";
import { loadJudge, replayTranscript } from "../../workbench/sessions.js";
import { parseTranscript } from "../../workbench/transcript.js";

/** Of a session that a test plays itself. */
export const START: SessionStart = {
  id: 0,
  title: "",
  client: "192.0.2.10:40000",
  server: "192.0.2.25:25",
  startNs: 0n,
};

/** The report on a conversation in the marks of the vectors. @param policy its JSON text */
export function reportOn(lines: string, policy = '{"profile":"monitor"}', title = "One"): SessionReport {
  const conversations = parseTranscript(`# ${title}\n\n\`\`\`smtp\n${lines}\n\`\`\`\n`, "one.md");
  return [...replayTranscript(conversations, loadJudge(filterModule(), policy))][0] as SessionReport;
}

/** What came of one file. */
export interface HtmlFile {
  path: string;
  reports: readonly SessionReport[];
  summary: string;
  problem: string | null;
}

/** A whole document, without style. @param policy its name, for people */
export function documentOf(policy: string, file: HtmlFile): string {
  const parts: string[] = [];
  const html = new HtmlWriter((text) => void parts.push(text), { css: "", hash: "" });
  html.begin(policy);
  html.beginFile(file.path);
  for (const report of file.reports) html.session(report);
  html.endFile(file.summary, file.problem);
  html.end();
  return parts.join("");
}

/** A document that holds one session. */
export const htmlOf = (report: SessionReport): string =>
  documentOf("monitor", { path: "one.md", reports: [report], summary: "1 session", problem: null });
