/** The page: the input, the policies and the results. */
import type { Bench } from "./page.js";
import { InputPanel } from "./input-panel.js";
import { PolicyPanel } from "./policy-panel.js";
import { Results } from "./results.js";
import type { Theme } from "./state.js";

const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** @param props.bench the state and the actions */
export function App({ bench }: { bench: Bench }) {
  const { state } = bench;
  if (state.theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = state.theme;
  return (
    <>
      <a class="skip" href="#results">
        Skip to the results
      </a>
      <header class="top">
        <h1>SMTP Inspector</h1>
        <p>
          Everything runs in your browser: what you drop or type stays on this machine, and nothing is sent
          anywhere.
        </p>
        <ThemeChoice bench={bench} />
      </header>
      {state.broken === null ? null : (
        <p class="alert" role="alert">
          The filter does not run here: {state.broken}. The page needs a browser with WebAssembly and module
          workers, and a web server; opened as a file it may not work.
        </p>
      )}
      <main>
        <div class="bench">
          <InputPanel bench={bench} />
          {state.policies.map((policy, slot) => (
            <PolicyPanel key={slot} bench={bench} policy={policy} slot={slot === 0 ? 0 : 1} />
          ))}
        </div>
        <Results bench={bench} />
      </main>
    </>
  );
}

function ThemeChoice({ bench }: { bench: Bench }) {
  return (
    <label class="field">
      Theme
      <select
        value={bench.state.theme}
        onChange={({ currentTarget }) => bench.show({ theme: currentTarget.value as Theme })}
      >
        {THEMES.map((theme) => (
          <option key={theme}>{theme}</option>
        ))}
      </select>
    </label>
  );
}
