/** Writing into an editor for the user. */

/** Lines that are written, and lines that are overwritten: the time that browsers take grows with their square. */
const MOST_WRITTEN = 300;
const MOST_OVERWRITTEN = 3000;

/**
 * Replaces a part of an editor's text as typing does: the editor gets an "input" event, and Ctrl+Z undoes it.
 * The focus stays where it is, the cursor goes after the new text.
 * @param from inclusive, in UTF-16 units @param to exclusive
 * @returns false if it would take seconds; then nothing is done
 */
export function typeInto(editor: HTMLTextAreaElement, text: string, from: number, to: number): boolean {
  const over = editor.value.slice(from, to);
  if (linesIn(text) > MOST_WRITTEN || linesIn(over) > MOST_OVERWRITTEN) return false;
  const before = document.activeElement;
  editor.focus({ preventScroll: true });
  editor.setSelectionRange(from, to);
  // Deprecated, but nothing else writes in a way that the browser can undo: setting `value` or `setRangeText` leave
  // its steps as they are, and undoing them then cuts the text in wrong places.
  if (!document.execCommand("insertText", false, text)) {
    editor.setRangeText(text, from, to, "end");
    editor.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (before instanceof HTMLElement && before !== document.body) before.focus({ preventScroll: true });
  return true;
}

const linesIn = (text: string): number => text.split(/\r\n?|\n/).length;
