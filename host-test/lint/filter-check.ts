/** The shipped filter, as lint uses it. */
import { ConfigurationRefused, Plugin } from "../host/plugin.js";
import type { PolicyCheck } from "./policy.js";

/** Checks policies with the module. */
export function filterCheck(module: WebAssembly.Module): PolicyCheck {
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
