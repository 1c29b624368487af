/** A button that disappears when it has done its work. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  /** The id of the element that gets the focus if the button had it; it may appear only when the button goes. */
  next: string;
  onClick(): void;
  children: ComponentChildren;
}

/** Passes on the focus: without that a keyboard user starts again at the top of the page. */
export function PassingButton({ next, onClick, children }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(
    () => () => {
      if (document.activeElement !== button.current) return;
      // After the rendering that removes the button.
      queueMicrotask(() => document.getElementById(next)?.focus());
    },
    [next],
  );
  return (
    <button type="button" ref={button} onClick={onClick}>
      {children}
    </button>
  );
}
