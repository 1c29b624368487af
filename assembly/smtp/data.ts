import { findByte } from "./scan";

/**
 * Where the end-of-data scanner stands between two chunks (RFC 5321 4.1.1.4): only CRLF "." CRLF ends a message,
 * and the start of the data counts as a line start, so that a lone "." right behind 354 is an empty message.
 *
 *      line_start --"."--> dot --CR--> dot_cr --LF--> end
 *          ^                 \            \
 *          |                  other        other (a CR: after_cr)
 *   after_cr --LF--^            v             v
 *      ^------CR---------------- in_line <----
 */
export const enum DataState {
  line_start,
  in_line,
  after_cr,
  dot,
  dot_cr,
}

/** What `scanData` found: where it stopped and in which state; one object, reused. */
@final
export class DataScan {
  state: DataState = DataState.line_start;
  /** The end of data was reached; `at` is one past its LF. */
  ended: bool = false;

  /** Scans [from, to) from `state` on; returns one past the end of data, or `to`. */
  run(from: usize, to: usize): usize {
    let at = from;
    let state = this.state;
    this.ended = false;
    while (at < to) {
      if (state == DataState.in_line) {
        // Only a LF behind a CR makes a new line, so search LFs and look back.
        const lf = findByte(at, to, 0x0a);
        if (lf == to) {
          state = load<u8>(to - 1) == 0x0d ? DataState.after_cr : DataState.in_line;
          at = to;
          break;
        }
        // The byte before `at` is known not to be CR: `after_cr` would have been the state.
        state = lf > at && load<u8>(lf - 1) == 0x0d ? DataState.line_start : DataState.in_line;
        at = lf + 1;
        continue;
      }
      const byte: u32 = load<u8>(at);
      at++;
      if (state == DataState.dot_cr && byte == 0x0a) {
        this.ended = true;
        state = DataState.line_start;
        break;
      }
      state = step(state, byte);
    }
    this.state = state;
    return at;
  }
}

function step(state: DataState, byte: u32): DataState {
  if (state == DataState.line_start && byte == 0x2e) return DataState.dot;
  if (byte == 0x0d) return state == DataState.dot ? DataState.dot_cr : DataState.after_cr;
  if (state == DataState.after_cr && byte == 0x0a) return DataState.line_start;
  return DataState.in_line;
}
