/** A list to choose one option from: one stop for Tab, arrow keys inside. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface Props {
  id: string;
  label: string;
  /** As many as there are options. */
  options: readonly ComponentChildren[];
  /** The option that is current, -1 for none. */
  active: number;
  /** The arrow keys, a click. */
  onMove(index: number): void;
  /** Enter or a click; Escape gives -1. */
  onChoose?: (index: number) => void;
}

/** Rows that Page Up and Page Down pass. */
const PAGE = 10;

/** A listbox as WAI-ARIA's authoring practices have it. */
export function Picker({ id, label, options, active, onMove, onChoose }: Props) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => scrollTo(list.current, active), [active]);
  const last = options.length - 1;
  return (
    <ul
      ref={list}
      id={id}
      class="picker"
      role="listbox"
      aria-label={label}
      tabIndex={0}
      {...(active >= 0 && active <= last && { "aria-activedescendant": `${id}-${active}` })}
      onKeyDown={(event) => {
        const move = moveOf(event.key, active, last);
        if (move !== undefined && last >= 0) onMove(move);
        else if (event.key === "Enter" && active >= 0) onChoose?.(active);
        else if (event.key === "Escape") onChoose?.(-1);
        else return;
        event.preventDefault();
      }}
    >
      {options.map((option, index) => (
        <li
          key={index}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          onClick={() => {
            onMove(index);
            onChoose?.(index);
          }}
        >
          {option}
        </li>
      ))}
    </ul>
  );
}

/** Brings an option into view by the list alone: the page stays where the reader has it. */
function scrollTo(list: HTMLUListElement | null, index: number): void {
  const option = list?.children[index] as HTMLElement | undefined;
  if (list === null || option === undefined) return;
  const { offsetTop, offsetHeight } = option;
  const lowest = offsetTop + offsetHeight - list.clientHeight;
  list.scrollTop = Math.min(offsetTop, Math.max(lowest, list.scrollTop));
}

/** The option that a key goes to; undefined for a key that does not move. */
function moveOf(key: string, active: number, last: number): number | undefined {
  const keys: Record<string, number> = {
    ArrowDown: Math.min(last, active + 1),
    ArrowUp: Math.max(0, active - 1),
    PageDown: Math.min(last, active + PAGE),
    PageUp: Math.max(0, active - PAGE),
    Home: 0,
    End: last,
  };
  return keys[key];
}
