/** The input: a typed dialogue, or captures and transcripts. */
import { useRef, useState } from "preact/hooks";
import { printable } from "../workbench/printable.js";
import { tallyText } from "../workbench/tally.js";
import type { Bench } from "./page.js";
import { typeInto } from "./editing.js";
import { EXAMPLES } from "./examples.js";
import type { FileResult, Slot } from "./messages.js";
import { PassingButton } from "./passing-button.js";
import { goTo, Problems } from "./problems.js";

/** @param props.bench the state and the actions */
export function InputPanel({ bench }: { bench: Bench }) {
  const { files } = bench.state;
  const [isOver, setOver] = useState(false);
  // As in policy-panel.tsx.
  const [edition, setEdition] = useState(0);
  return (
    <section
      class={`panel ${isOver ? "over" : ""}`}
      aria-labelledby="input-title"
      onDragOver={() => setOver(true)}
      onDragLeave={() => setOver(false)}
      onDrop={() => setOver(false)}
    >
      <div class="panel-head">
        <h2 id="input-title">{files === null ? "Dialogue" : "Files"}</h2>
        {files === null ? (
          <ExampleChoice bench={bench} onTooLong={() => setEdition((each) => each + 1)} />
        ) : (
          <PassingButton next="dialogue" onClick={() => bench.leaveFiles()}>
            Back to the dialogue
          </PassingButton>
        )}
      </div>
      {files === null ? <DialogueEditor key={edition} bench={bench} /> : <FileList bench={bench} />}
      <FileChoice bench={bench} />
    </section>
  );
}

function FileChoice({ bench }: { bench: Bench }) {
  return (
    <div class="drop">
      <input
        id="files"
        type="file"
        multiple
        class="out-of-sight"
        accept=".pcap,.pcapng,.cap,.md,.markdown,.txt"
        onChange={({ currentTarget }) => {
          bench.choose([...(currentTarget.files ?? [])]);
          currentTarget.value = "";
        }}
      />
      <label for="files" class="button">
        Open captures or transcripts…
      </label>
      <span class="quiet">or drop them anywhere: pcap, pcapng, Markdown</span>
    </div>
  );
}

/** @param props.onTooLong an example has replaced a dialogue, and undo cannot bring that back */
function ExampleChoice({ bench, onTooLong }: { bench: Bench; onTooLong: () => void }) {
  return (
    <label class="field">
      Example
      <select
        value={EXAMPLES.findIndex(({ text }) => text === bench.state.dialogue)}
        onChange={({ currentTarget }) => {
          const example = EXAMPLES[Number(currentTarget.value)];
          const editor = document.getElementById("dialogue") as HTMLTextAreaElement | null;
          // As if typed: Ctrl+Z in the editor brings back the previous dialogue.
          if (example === undefined || editor === null) return;
          if (typeInto(editor, example.text, 0, editor.value.length)) return;
          bench.type(example.text);
          onTooLong();
        }}
      >
        <option value={-1} disabled>
          your own
        </option>
        {EXAMPLES.map(({ name }, index) => (
          <option key={name} value={index}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function DialogueEditor({ bench }: { bench: Bench }) {
  const { dialogue, dialogueProblem } = bench.state;
  const editor = useRef<HTMLTextAreaElement>(null);
  return (
    <>
      <label class="out-of-sight" for="dialogue">
        Both sides of a dialogue, line by line
      </label>
      <textarea
        id="dialogue"
        ref={editor}
        rows={13}
        value={dialogue}
        spellcheck={false}
        autocapitalize="off"
        autocomplete="off"
        wrap="off"
        aria-invalid={dialogueProblem !== null}
        aria-describedby="dialogue-problems dialogue-marks"
        onInput={({ currentTarget }) => bench.type(currentTarget.value)}
      />
      <Problems
        id="dialogue-problems"
        problems={dialogueProblem === null ? [] : [dialogueProblem]}
        onGo={({ offset }) => goTo(editor.current, offset)}
      />
      <details class="quiet">
        <summary>How a dialogue is written</summary>
        <p id="dialogue-marks">
          <code>C:</code> the client sends, <code>S:</code> the server sends; a line ends with CRLF, with{" "}
          <code>C::</code> or <code>S::</code> it does not. <code>\r \n \t \0 \\ \xHH</code> are bytes,{" "}
          <code>{"{A*508}"}</code> is 508 times A, <code>--</code> ends a segment, <code>C.</code> or{" "}
          <code>S.</code> a side's stream, <code>#</code> begins a comment.
        </p>
      </details>
    </>
  );
}

function FileList({ bench }: { bench: Bench }) {
  const { files, port, results, exportSlot } = bench.state;
  return (
    <>
      <ul class="files">
        {(files ?? []).map(({ name, size }, index) => (
          <li key={index}>
            <span>{printable(name)}</span> <span class="quiet">{sizeText(size)}</span>
            {results[index] === undefined ? null : <FileOutcome result={results[index]} slot={exportSlot} />}
          </li>
        ))}
      </ul>
      <label class="field">
        Server port
        <input
          type="text"
          inputMode="numeric"
          size={6}
          value={port}
          placeholder="any"
          aria-describedby="port-about"
          onInput={({ currentTarget }) => bench.setPort(currentTarget.value.trim())}
        />
        <span id="port-about" class="quiet">
          empty: 25, 465, 587, 2525, and whatever begins with a 220 greeting
        </span>
      </label>
    </>
  );
}

/** The result of a file, in words. */
function FileOutcome({ result, slot }: { result: FileResult; slot: Slot }) {
  const { tallies, counts, problem } = result;
  const tally = tallies[slot] ?? tallies[0];
  return (
    <>
      <span class="quiet">{tally === undefined ? "" : `, ${printable(tallyText(tally, counts), 500)}`}</span>
      {problem === null ? null : <strong class="bad">{printable(problem, 500)}</strong>}
    </>
  );
}

/** `12.3 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
