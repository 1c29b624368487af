/** Runs inside a page, so it stands alone: nothing of this module may be used from within it. */

/** Of each piece of text in the page, the contrast with what is behind it (WCAG 2.2, 1.4.3): 1 to 21. */
export function contrasts(): { text: string; ratio: number }[] {
  const numbers = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const light = (colour: string): number => {
    const [r = 0, g = 0, b = 0] = numbers(colour).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element: Element): string => {
    for (let at: Element | null = element; at !== null; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (numbers(backgroundColor)[3] !== 0) return backgroundColor;
    }
    return "rgb(255, 255, 255)";
  };
  const found: { text: string; ratio: number }[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode() !== null) {
    const element = walker.currentNode.parentElement as Element;
    const text = (walker.currentNode.textContent ?? "").trim();
    if (text === "") continue;
    const [one, other] = [light(getComputedStyle(element).color), light(behind(element))];
    found.push({ text, ratio: (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05) });
  }
  return found;
}
