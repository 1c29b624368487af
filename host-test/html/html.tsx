/** Sessions as one self-contained HTML file: no script, no font, no picture. */
import { renderToStaticMarkup } from "preact-render-to-string";
import type { SessionReport } from "../workbench/model.js";
import { escaped, outcomeOf } from "../workbench/view.js";
import { nameOf, SessionView } from "./session.js";

/** session.css as it is in the file. */
export interface HtmlStyle {
  css: string;
  /** SHA-256 of `css` in base64: the file allows this style and nothing else. */
  hash: string;
}

/** Rows of the summary: in a longer one nobody would look for a session. */
const MOST_ROWS = 2000;

/** Writes a document as its sessions end: it keeps one session at a time, and the rows of the summary. */
export class HtmlWriter {
  #sessions = 0;
  readonly #summary: FileSummary[] = [];

  /** @param write takes the next piece of the document */
  constructor(
    private readonly write: (text: string) => void,
    private readonly style: HtmlStyle,
  ) {}

  /** @param policy its name, for people */
  begin(policy: string): void {
    const { css, hash } = this.style;
    const allowed = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
    const head = (
      <head>
        <meta charSet="utf-8" />
        <meta httpEquiv="Content-Security-Policy" content={allowed} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>SMTP sessions under {escaped(policy)}</title>
        <style dangerouslySetInnerHTML={{ __html: css }} />
      </head>
    );
    const header = (
      <header>
        <h1>SMTP sessions</h1>
        <p>
          Inspected by smtp-inspector under the policy <code>{escaped(policy)}</code>.{" "}
          <a href="#summary">Summary</a>
        </p>
      </header>
    );
    this.write(`<!doctype html>\n<html lang="en">\n${renderToStaticMarkup(head)}\n`);
    this.write(`<body class="session-document">\n${renderToStaticMarkup(header)}\n<main>\n`);
  }

  /** @param path of the file whose sessions follow */
  beginFile(path: string): void {
    this.#summary.push({ path, rows: [], problem: null });
    this.write(`<section>\n${renderToStaticMarkup(<h2>{escaped(path)}</h2>)}\n`);
  }

  session(report: SessionReport): void {
    const anchor = `session-${++this.#sessions}`;
    this.write(`${renderToStaticMarkup(<SessionView report={report} anchor={anchor} />)}\n`);
    if (this.#sessions > MOST_ROWS) return;
    const { client, server } = report;
    this.#summary.at(-1)?.rows.push({
      anchor,
      name: nameOf(report),
      ends: `${client} → ${server}`,
      outcome: outcomeOf(report).join("; "),
    });
  }

  /** @param summary of the file, in words @param problem why it could not be read completely */
  endFile(summary: string, problem: string | null): void {
    const file = this.#summary.at(-1);
    if (file !== undefined) file.problem = problem;
    const note = (
      <>
        <p>{summary}</p>
        {problem === null ? null : <p class="session-problem">{escaped(problem)}</p>}
      </>
    );
    this.write(`${renderToStaticMarkup(note)}\n</section>\n`);
  }

  end(): void {
    const summary = renderToStaticMarkup(
      <SummaryView files={this.#summary} left={this.#sessions - MOST_ROWS} />,
    );
    this.write(`${summary}\n</main>\n</body>\n</html>\n`);
  }
}

interface RowSummary {
  anchor: string;
  name: string;
  ends: string;
  outcome: string;
}

interface FileSummary {
  path: string;
  rows: RowSummary[];
  problem: string | null;
}

/** @param props.left sessions without a row */
function SummaryView({ files, left }: { files: readonly FileSummary[]; left: number }) {
  return (
    <section class="session-summary" id="summary" aria-labelledby="summary-name">
      <h2 id="summary-name">Summary</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Session</th>
            <th scope="col">Client and server</th>
            <th scope="col">Outcome</th>
          </tr>
        </thead>
        {files.map(({ path, rows, problem }) => (
          <tbody>
            <tr>
              <th scope="rowgroup" colSpan={3}>
                {escaped(path)}
              </th>
            </tr>
            {rows.map((row) => (
              <SummaryRow {...row} />
            ))}
            {problem === null ? null : (
              <tr>
                <td colSpan={3}>
                  <span class="session-problem">{escaped(problem)}</span>
                </td>
              </tr>
            )}
          </tbody>
        ))}
      </table>
      {left > 0 ? <p>… {left} more sessions are not in this table</p> : null}
    </section>
  );
}

function SummaryRow({ anchor, name, ends, outcome }: RowSummary) {
  return (
    <tr>
      <td>
        <a href={`#${anchor}`}>{name}</a>
      </td>
      <td>{ends}</td>
      <td>{outcome}</td>
    </tr>
  );
}
