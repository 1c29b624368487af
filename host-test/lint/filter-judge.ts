/** The shipped filter as lint asks it. */
import { ConfigurationRefused, Plugin } from "../host/plugin.js";
import type { Judge } from "./policy.js";

/** Asks the module about policies. */
export function filterJudge(module: WebAssembly.Module): Judge {
  return (configuration) => {
    try {
      Plugin.load(module, { configuration }).shutdown();
      return null;
    } catch (error) {
      if (error instanceof ConfigurationRefused) return error.message;
      throw error;
    }
  };
}
