/** A policy in its editor: the filter's check below it, the schema's help at the cursor. */
import { useRef, useState } from "preact/hooks";
import { isProfile, PROFILES } from "../pages/words.js";
import type { Bench } from "./page.js";
import { typeInto } from "./editing.js";
import type { Slot } from "./messages.js";
import { PassingButton } from "./passing-button.js";
import { PolicyHelp } from "./policy-help-panel.js";
import type { Suggestion } from "./policy-help.js";
import { goTo, Problems } from "./problems.js";
import { profileOf, withProfile } from "./profile.js";
import { isRefused, type PolicyState } from "./state.js";

interface Props {
  bench: Bench;
  policy: PolicyState;
  slot: Slot;
}

/** @param props.slot which of the compared policies */
export function PolicyPanel({ bench, policy, slot }: Props) {
  const editor = useEditor(bench, slot);
  const name = slot === 0 ? "policy" : "second-policy";
  const title = slot === 0 ? "Policy" : "Second policy";
  const open = async (file: File): Promise<void> => {
    const text = await bench.read(file);
    if (text !== null) editor.replace(text);
  };
  return (
    <section
      class="panel"
      aria-labelledby={`${name}-title`}
      onDrop={(event) => {
        const file = event.dataTransfer?.files[0];
        if (file === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        void open(file);
      }}
    >
      <div class="panel-head">
        <h2 id={`${name}-title`}>{title}</h2>
        <PolicyTools {...{ bench, policy, slot, title }} onReplace={editor.replace} onOpen={open} />
      </div>
      <div class="policy">
        <div>
          <label class="out-of-sight" for={name}>
            {title} as JSON
          </label>
          <PolicyText key={editor.edition} {...{ bench, policy, slot, name, editor }} />
          <Verdict {...{ bench, policy, slot, name, title }} />
          <Problems id={`${name}-problems`} problems={policy.problems} onGo={editor.goTo} />
        </div>
        <PolicyHelp name={name} text={policy.text} cursor={editor.cursor} onInsert={editor.insert} />
      </div>
    </section>
  );
}

type Editor = ReturnType<typeof useEditor>;

/** The editor of a policy: where its cursor is, and what others than the keyboard do to it. */
function useEditor(bench: Bench, slot: Slot) {
  const area = useRef<HTMLTextAreaElement>(null);
  // After the first brace, where the help has the keys.
  const [cursor, setCursor] = useState(1);
  // A text too long to insert as typing gets a new editor, with nothing to undo.
  const [edition, setEdition] = useState(0);
  const look = (): void => setCursor(area.current?.selectionStart ?? 0);
  const insert = (suggestion: Suggestion | null): void => {
    const { current } = area;
    if (current === null) return;
    current.focus();
    if (suggestion === null) return;
    const { insert: text, from, to, cursor: after } = suggestion;
    typeInto(current, text, from, to);
    current.setSelectionRange(from + after, from + after);
    look();
  };
  const replace = (text: string): void => {
    const { current } = area;
    if (current === null || typeInto(current, text, 0, current.value.length)) return;
    bench.edit(slot, text);
    setEdition((each) => each + 1);
  };
  const goToProblem = ({ offset }: { offset: number }): void => {
    goTo(area.current, offset);
    look();
  };
  return { area, cursor, edition, look, insert, replace, goTo: goToProblem };
}

/** @param props.name the element's id */
function PolicyText({ bench, policy, slot, name, editor }: Props & { name: string; editor: Editor }) {
  const { area, look } = editor;
  return (
    <textarea
      id={name}
      ref={area}
      rows={10}
      value={policy.text}
      spellcheck={false}
      autocapitalize="off"
      autocomplete="off"
      wrap="off"
      aria-invalid={isRefused(policy)}
      aria-describedby={`${name}-verdict ${name}-problems`}
      aria-keyshortcuts="Control+Space"
      onInput={({ currentTarget }) => {
        bench.edit(slot, currentTarget.value);
        look();
      }}
      onKeyUp={look}
      onClick={look}
      onFocus={look}
      onKeyDown={(event) => {
        if (!(event.ctrlKey && event.code === "Space")) return;
        event.preventDefault();
        document.getElementById(`${name}-suggestions`)?.focus();
      }}
    />
  );
}

/** What the filter says of the policy. */
function Verdict({ bench, policy, slot, name, title }: Props & { name: string; title: string }) {
  return (
    <div class="verdict-row">
      <p
        id={`${name}-verdict`}
        class={isRefused(policy) ? "verdict bad" : "verdict"}
        aria-live="polite"
        aria-busy={policy.checking}
      >
        {verdict(policy)}
      </p>
      <button type="button" onClick={() => bench.savePolicy(slot)}>
        Save<span class="out-of-sight"> the {title.toLowerCase()}</span>
      </button>
    </div>
  );
}

function verdict(policy: PolicyState): string {
  if (isRefused(policy)) return "Invalid. The previous policy stays in force, as in Envoy.";
  const counts = ["warning", "note"].map((level): [string, number] => [
    level,
    policy.problems.filter((problem) => problem.level === level).length,
  ]);
  const some = counts.filter(([, count]) => count > 0);
  return `${["Valid", ...some.map(([level, count]) => `${count} ${level}${count === 1 ? "" : "s"}`)].join(", ")}.`;
}

interface ToolsProps extends Props {
  title: string;
  /** Replaces the whole text. */
  onReplace(text: string): void;
  /** The same, with the text of a file. */
  onOpen(file: File): Promise<void>;
}

function PolicyTools({ bench, policy, slot, title, onReplace, onOpen }: ToolsProps) {
  const isCompared = bench.state.policies.length > 1;
  return (
    <>
      <ProfileChoice policy={policy} title={title} onReplace={onReplace} />
      <input
        id={`open-${slot}`}
        type="file"
        class="out-of-sight"
        accept=".json,application/json"
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file !== undefined) void onOpen(file);
          currentTarget.value = "";
        }}
      />
      <label for={`open-${slot}`} class="button">
        Open<span class="out-of-sight"> a file as the {title.toLowerCase()}</span>…
      </label>
      {slot === 0 && !isCompared ? (
        <PassingButton next="second-policy" onClick={() => bench.compare()}>
          Compare with a second policy
        </PassingButton>
      ) : null}
      {slot === 1 ? (
        <PassingButton next="policy" onClick={() => bench.stopComparing()}>
          Close<span class="out-of-sight"> the second policy</span>
        </PassingButton>
      ) : null}
    </>
  );
}

function ProfileChoice({ policy, title, onReplace }: Pick<ToolsProps, "policy" | "title" | "onReplace">) {
  const profile = profileOf(policy.text);
  return (
    <label class="field">
      <span class="field-name">Profile</span>
      <select
        value={profile ?? ""}
        disabled={profile === null}
        aria-label={`Profile of the ${title.toLowerCase()}`}
        onChange={({ currentTarget }) => onReplace(withProfile(policy.text, currentTarget.value))}
      >
        {profile !== null && isProfile(profile) ? null : <option value={profile ?? ""}>?</option>}
        {PROFILES.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
    </label>
  );
}
