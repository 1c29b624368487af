/** A list of which one is chosen: one stop for Tab, arrow keys inside. */
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
  useEffect(() => {
    // The list alone: the page stays where the reader has it.
    const option = list.current?.children[active] as HTMLElement | undefined;
    const { current } = list;
    if (current === null || option === undefined) return;
    const { offsetTop, offsetHeight } = option;
    const lowest = offsetTop + offsetHeight - current.clientHeight;
    current.scrollTop = Math.min(offsetTop, Math.max(lowest, current.scrollTop));
  }, [active]);
  const last = options.length - 1;
  const keys: Record<string, () => number> = {
    ArrowDown: () => Math.min(last, active + 1),
    ArrowUp: () => Math.max(0, active - 1),
    PageDown: () => Math.min(last, active + PAGE),
    PageUp: () => Math.max(0, active - PAGE),
    Home: () => 0,
    End: () => last,
  };
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
        const move = keys[event.key];
        if (move !== undefined && last >= 0) onMove(move());
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
