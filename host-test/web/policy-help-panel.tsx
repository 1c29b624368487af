/** The schema's help at the cursor of a policy's editor, and what can be written there. */
import { useState } from "preact/hooks";
import schemaText from "../../envoy/policy.schema.json?raw";
import { printable } from "../workbench/printable.js";
import { LongName } from "../html/long-name.js";
import { Picker } from "./picker.js";
import { helpAt, type Schema, type Suggestion } from "./policy-help.js";

const SCHEMA = JSON.parse(schemaText) as Schema;

interface Props {
  /** Of the editor, for ids. */
  name: string;
  text: string;
  /** In UTF-16 units. */
  cursor: number;
  /** What was chosen; null to go back to the editor without a choice. */
  onInsert(suggestion: Suggestion | null): void;
}

/** @param props.cursor where the help is wanted */
export function PolicyHelp({ name, text, cursor, onInsert }: Props) {
  const { path, description, values, initial, suggestions } = helpAt(SCHEMA, text, cursor);
  const [active, setActive] = useState(0);
  const current = Math.min(active, suggestions.length - 1);
  return (
    <div class="help" role="group" aria-label="Help at the cursor">
      <p>
        <strong>
          <LongName name={printable(path)} />
        </strong>{" "}
        {description}
        {values === "" ? "" : ` Values: ${values}.`}
        {initial === "" ? "" : ` Default: ${initial}.`}
      </p>
      <Picker
        id={`${name}-suggestions`}
        label="Suggestions, Enter inserts"
        active={current}
        options={suggestions.map(({ label, about }) => (
          <>
            <code>
              <LongName name={label} />
            </code>{" "}
            <span class="quiet">{about}</span>
          </>
        ))}
        onMove={setActive}
        onChoose={(index) => {
          setActive(0);
          onInsert(suggestions[index] ?? null);
        }}
      />
      {suggestions.length === 0 ? (
        <p class="quiet">Nothing to suggest here.</p>
      ) : (
        <p class="quiet">Ctrl+Space or Tab: go to the suggestions. Enter: insert. Escape: go back.</p>
      )}
    </div>
  );
}
