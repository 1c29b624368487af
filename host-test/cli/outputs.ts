/** How `replay` reports: as text, as JSON lines or as one HTML file, each session when it ends. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { HtmlWriter } from "../html/html.js";
import { fileLine, sessionLines } from "../workbench/json-lines.js";
import type { SessionReport } from "../workbench/model.js";
import type { FlowCounts } from "../workbench/sessions.js";
import { type Tally, tallyText } from "../workbench/tally.js";
import { escaped, sessionLine, sessionText } from "../workbench/view.js";
import { inColour } from "./colour.js";
import type { Io } from "./command.js";
import { projectRoot, readOrExplain } from "./front.js";

/** Called in this order: begin, for each file its begin, sessions and end, then the end. */
export interface Output {
  /** @param policy as the user named it */
  begin(policy: string): void;
  beginFile(path: string): void;
  session(report: SessionReport): void;
  /** @param problem why the file could not be read, or not completely; null when it was */
  endFile(tally: Tally, counts: FlowCounts, problem: string | null): void;
  end(): void;
}

/** For people, at a terminal. */
export class TextOutput implements Output {
  constructor(private readonly io: Io) {}

  begin(): void {}

  beginFile(path: string): void {
    this.#say(`# ${escaped(path)}\n`);
  }

  session(report: SessionReport): void {
    this.#say(`${sessionText(report)}\n`);
  }

  endFile(tally: Tally, counts: FlowCounts): void {
    this.#say(`# ${tallyText(tally, counts)}\n\n`);
  }

  end(): void {}

  #say(text: string): void {
    this.io.out(inColour(this.io, text));
  }
}

/** For people who look for one session among many: a line each. */
export class SummaryOutput implements Output {
  constructor(private readonly io: Io) {}

  begin(): void {}

  beginFile(path: string): void {
    this.io.out(inColour(this.io, `# ${escaped(path)}\n`));
  }

  session(report: SessionReport): void {
    this.io.out(inColour(this.io, `${sessionLine(report)}\n`));
  }

  endFile(tally: Tally, counts: FlowCounts): void {
    this.io.out(inColour(this.io, `# ${tallyText(tally, counts)}\n\n`));
  }

  end(): void {}
}

/** One JSON value per line: the findings and the record of each session, then its file. */
export class JsonOutput implements Output {
  #path = "";

  constructor(private readonly io: Io) {}

  begin(): void {}

  beginFile(path: string): void {
    this.#path = path;
  }

  session(report: SessionReport): void {
    this.io.out(sessionLines(this.#path, report).join(""));
  }

  endFile(tally: Tally, counts: FlowCounts, problem: string | null): void {
    this.io.out(fileLine(this.#path, tally, counts, problem));
  }

  end(): void {}
}

/** One HTML file for everything. */
export class HtmlOutput implements Output {
  readonly #html: HtmlWriter;

  /** @throws UserError when the style is missing from the checkout */
  constructor(io: Io) {
    const path = join(projectRoot(), "host-test/html/session.css");
    const css = readOrExplain(path, "use a complete checkout").toString("utf8");
    const hash = createHash("sha256").update(css).digest("base64");
    this.#html = new HtmlWriter((text) => io.out(text), { css, hash });
  }

  begin(policy: string): void {
    this.#html.begin(policy);
  }

  beginFile(path: string): void {
    this.#html.beginFile(path);
  }

  session(report: SessionReport): void {
    this.#html.session(report);
  }

  endFile(tally: Tally, counts: FlowCounts, problem: string | null): void {
    this.#html.endFile(tallyText(tally, counts), problem);
  }

  end(): void {
    this.#html.end();
  }
}
