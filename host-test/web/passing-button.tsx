/** A button that is gone when it has done its work. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  /** The id of what has the focus next, when the button had it as it went; it may come only when the button goes. */
  next: string;
  onClick(): void;
  children: ComponentChildren;
}

/** Hands on the focus: without that a keyboard starts again at the top of the page. */
export function PassingButton({ next, onClick, children }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(
    () => () => {
      if (document.activeElement !== button.current) return;
      // Behind the rendering that takes the button away.
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
