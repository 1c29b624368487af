/** All rows of the table, in the order in which it shows them. */
import type { Stream } from "./steps.js";
import { bdat } from "./streams/bdat.js";
import { afterCommands, groups } from "./streams/commands.js";
import { endOfData } from "./streams/end-of-data.js";
import { longLines, oddBytes } from "./streams/oddities.js";

export const STREAMS: readonly Stream[] = [
  ...endOfData,
  ...groups,
  ...afterCommands,
  ...longLines,
  ...bdat,
  ...oddBytes,
];
