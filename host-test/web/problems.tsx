/** The problems of a text, beside its editor. */
import { printable } from "../workbench/printable.js";
import type { TextProblem } from "./messages.js";

interface Props {
  id: string;
  problems: readonly TextProblem[];
  /** Takes the user to the place. */
  onGo(problem: TextProblem): void;
}

/** A list of problems, each with a button that goes to its place; read out when it changes. */
export function Problems({ id, problems, onGo }: Props) {
  return (
    <ul id={id} class="problems" aria-live="polite">
      {problems.map((problem, index) => (
        <li key={index} class={`problem-${problem.level}`}>
          <button type="button" onClick={() => onGo(problem)}>
            Line {problem.line}, column {problem.column}
            <span class="out-of-sight"> go there</span>
          </button>
          <span>
            <strong>{problem.level}:</strong> {printable(problem.what, 600)}
            {problem.fix === "" ? "" : ` – ${printable(problem.fix, 600)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Puts the cursor of an editor at a place and shows it. @param offset in UTF-16 units */
export function goTo(editor: HTMLTextAreaElement | null, offset: number): void {
  if (editor === null) return;
  editor.focus();
  editor.setSelectionRange(offset, Math.min(offset + 1, editor.value.length));
  const line = editor.value.slice(0, offset).split("\n").length;
  const height = Number.parseFloat(getComputedStyle(editor).lineHeight);
  editor.scrollTop = Math.max(0, (line - 4) * height);
}
