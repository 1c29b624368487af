/** The heap of the shipped module. */
import { findHeap, type Heap, readHeap } from "../../fuzz/heap.js";

/** AssemblyScript leaves the page before it free. */
const STATIC_DATA = 1024;

/** Reads the heap of a module that was compiled with the usual memory base. @throws Error when there is none */
export function shippedHeap(memory: WebAssembly.Memory): Heap {
  const heap = readHeap(memory, findHeap(memory, STATIC_DATA));
  if (heap === null) throw new Error("the heap's headers do not lead to its end");
  return heap;
}
