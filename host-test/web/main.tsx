/** The page's entry: the worker, the logic, and what is shown of its state. */
import { render } from "preact";
import { App } from "./app.js";
import { Bench } from "./page.js";
import "./page.css";
import "../html/session.css";
import JudgingWorker from "./worker.ts?worker&inline";

const root = document.getElementById("page") as HTMLElement;
// The page's own text is for browsers where this script does not run.
root.replaceChildren();

const bench: Bench = new Bench(new JudgingWorker(), () => render(<App bench={bench} />, root));

// A file that misses the drop zone must not replace the page.
for (const kind of ["dragover", "drop"] as const) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    if (kind === "drop") bench.choose([...(event.dataTransfer?.files ?? [])]);
  });
}

render(<App bench={bench} />, root);
