/** A VM with all that Envoy lends a module. */
import type { WorkerName } from "./abi.js";
import type { PluginSpec } from "./context.js";
import { envImports } from "./imports.js";
import { type Imports, Vm, type VmEnvironment } from "./vm.js";
import { wasiImports } from "./wasi.js";

/** A fresh instance. @throws WasmTrap when `_initialize` traps, Error when Envoy would not load the module */
export function loadVm(env: VmEnvironment, worker: WorkerName, spec: PluginSpec): Vm {
  const vm = new Vm(env, worker, spec, importsOf);
  vm.endTurn();
  return vm;
}

/** WASI is there under its old name, too. */
function importsOf(vm: Vm): Imports {
  const wasi = wasiImports(vm);
  return { env: envImports(vm), wasi_snapshot_preview1: wasi, wasi_unstable: wasi };
}
