/** How a page is met by who has a keyboard only, and by eyes that need contrast. */
import type { Page } from "playwright-core";

/** Role and name of what has the focus, as far as a test needs to tell them apart. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLElement | null;
    if (element === null || element === document.body) return "";
    const labels = "labels" in element ? [...(element.labels as NodeListOf<HTMLLabelElement>)] : [];
    const label = labels
      .map((each) => (each.htmlFor === "" ? each.firstChild : each)?.textContent?.trim())
      .join();
    const name = element.getAttribute("aria-label") ?? (label || (element.textContent ?? "").trim());
    return `${element.tagName.toLowerCase()} ${name.slice(0, 60)}`;
  });
}

/** Presses Tab until `wanted` has the focus. @throws Error when it never has */
export async function tabTo(page: Page, wanted: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if ((await focused(page)) === wanted) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${wanted}`);
}

/** The lowest contrast of any text with what is behind it (WCAG 2.2, 1.4.3), and where. */
export function lowestContrast(page: Page): Promise<{ ratio: number; where: string }> {
  return page.evaluate(() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    if (canvas === null) throw new Error("no canvas");
    const rgba = (colour: string): number[] => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (colour: string): number => {
      const [r = 0, g = 0, b = 0] = rgba(colour).map((each) => {
        const part = each / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element: Element | null): string => {
      for (let at = element; at !== null; at = at.parentElement) {
        const colour = getComputedStyle(at).backgroundColor;
        if (rgba(colour)[3] === 255) return colour;
      }
      return "white";
    };
    let lowest = { ratio: 21, where: "" };
    for (const element of document.querySelectorAll("body *")) {
      const hasText = [...element.childNodes].some(
        (node) => node.nodeType === 3 && node.textContent?.trim() !== "",
      );
      const isDisabled = element.closest(":disabled") !== null;
      if (!(hasText || element.matches("textarea, input")) || isDisabled || !element.checkVisibility())
        continue;
      const [text, paper] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
      const ratio = (Math.max(text, paper) + 0.05) / (Math.min(text, paper) + 0.05);
      if (ratio < lowest.ratio)
        lowest = { ratio, where: `${element.className}: ${element.textContent?.slice(0, 40)}` };
    }
    return lowest;
  });
}
