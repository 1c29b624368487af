import { BLOCK, lastBlock } from "./scan";

/**
 * Reads message data for its end and for what servers may take for one (RFC 5321 4.1.1.4, CVE-2023-51764). Line ends
 * and NULs come in runs; `.` between two runs is judged by how the run before it ends (E1) and the one after it
 * begins (E2). Only E1 = ...CRLF (or the start of the data) and E2 = CRLF... is an end of data.
 *
 *   start, crlf --NUL--> broken
 *   start, crlf --"."--> dot_crlf --CR--> dot_crlf_cr --LF--> end of data
 *   broken      --"."--> dot_broken                    (E1 holds a CR or LF, but does not end CRLF)
 *   dot_crlf, dot_broken --NUL--> dot_nul              (OpenSMTPD compares a C string: it does not see what follows the NUL)
 *   dot_nul --CR, LF--> smuggled, all else stays there
 *   dot_crlf --LF-->, dot_crlf_cr --not LF-->, dot_broken --CR, LF--> smuggled
 *   text --CR--> cr --LF--> crlf;   cr --not LF--> broken;   text, crlf, ... --LF--> broken
 */
export const enum DataState {
  start,
  text,
  nul_run,
  cr,
  crlf,
  broken,
  dot_crlf,
  dot_broken,
  dot_crlf_cr,
  dot_nul,
}

/** What `DataScan.run` stopped at, as a set of bits. */
export const enum DataEvent {
  none = 0,
  /** The end of data; `at` is after its LF. */
  end = 1,
  /** `at` is after a LF that has no CR before it. */
  lf = 2,
  /** `at` is after a CR and what follows is no LF. */
  cr = 4,
  /** `at` is after a NUL. */
  nul = 8,
  /** Some servers take what was just read for the end of data. */
  smuggled = 16,
  /** `at` is after a dot that follows a line end which is none. */
  dot = 32,
}

/** One object, reused: `state` in, `state` and `at` out. */
@final
export class DataScan {
  state: DataState = DataState.start;
  /** The state before the last byte. */
  before: DataState = DataState.start;
  at: usize = 0;
  /** How many dots were read that begin a line and are no part of it (RFC 5321 4.5.2), after CRLF or at the start. */
  dots: u32 = 0;

  /** Reads [from, to) up to the next event or the end. */
  run(from: usize, to: usize): DataEvent {
    const ordered = lastBlock(to);
    let at = from;
    while (at < to) {
      if (at < ordered) {
        at = this.skip(at, to);
        if (at == to) break;
      }
      const event = this.step(load<u8>(at));
      // A CR is judged by the byte after it, which is then read again.
      if ((event & DataEvent.cr) == 0) at++;
      if (event != DataEvent.none) {
        this.at = at;
        return event;
      }
    }
    this.at = to;
    return DataEvent.none;
  }

  /**
   * Moves over what is in order, block by block: each CR has its LF after it and each LF its CR before it, no line
   * begins with a dot, and there is no NUL. So a line costs nothing of its own. Stops at the byte that `step` must
   * judge, or where no block can be loaded.
   */
  private skip(from: usize, to: usize): usize {
    const state = this.state;
    if (state != DataState.text && state != DataState.cr && state != DataState.crlf) return from;
    const cr = i8x16.splat(0x0d);
    const lf = i8x16.splat(0x0a);
    const dot = i8x16.splat(0x2e);
    const nul = i8x16.splat(0);
    let at = from;
    let afterCr: u32 = state == DataState.cr ? 1 : 0;
    let afterLf: u32 = state == DataState.crlf ? 1 : 0;
    const last = lastBlock(to);
    while (at < last) {
      if ((afterCr | afterLf) == 0) {
        // CR, LF and NUL are among the bytes up to CR, which text hardly has.
        while (at + BLOCK <= to && !v128.any_true(i8x16.le_u(v128.load(at), cr))) at += BLOCK;
        if (at >= last) break;
      }
      const bytes = v128.load(at);
      const crs: u32 = i8x16.bitmask(i8x16.eq(bytes, cr));
      const lfs: u32 = i8x16.bitmask(i8x16.eq(bytes, lf));
      const dots: u32 = i8x16.bitmask(i8x16.eq(bytes, dot));
      const nuls: u32 = i8x16.bitmask(i8x16.eq(bytes, nul));
      const wrong = (((crs << 1) | afterCr) ^ lfs) | nuls | (((lfs << 1) | afterLf) & dots);
      if ((wrong & 0xffff) == 0 && at + BLOCK <= to) {
        afterCr = crs >> 15;
        afterLf = lfs >> 15;
        at += BLOCK;
        continue;
      }
      const length = min<u32>(ctz(wrong), <u32>min(to - at, BLOCK));
      if (length == 0) break;
      afterCr = (crs >> (length - 1)) & 1;
      afterLf = (lfs >> (length - 1)) & 1;
      at += length;
      if (length != <u32>BLOCK) break;
    }
    this.state = afterCr != 0 ? DataState.cr : afterLf != 0 ? DataState.crlf : DataState.text;
    return at;
  }

  private step(byte: u32): DataEvent {
    const state = this.state;
    this.before = state;
    switch (byte) {
      case 0x0d:
        return this.stepCr(state);
      case 0x0a:
        return this.stepLf(state);
    }
    if (state == DataState.cr) return this.move(DataState.broken, DataEvent.cr);
    if (state == DataState.dot_crlf_cr) return this.move(DataState.broken, DataEvent.cr | DataEvent.smuggled);
    if (byte == 0) return this.move(stateAfterNul(state), DataEvent.nul);
    if (state == DataState.dot_nul) return DataEvent.none;
    if (byte == 0x2e) {
      if (state == DataState.start || state == DataState.crlf) {
        this.dots++;
        return this.move(DataState.dot_crlf, DataEvent.none);
      }
      if (state == DataState.broken) return this.move(DataState.dot_broken, DataEvent.dot);
    }
    return this.move(DataState.text, DataEvent.none);
  }

  private stepCr(state: DataState): DataEvent {
    switch (state) {
      case DataState.cr:
        return this.move(DataState.broken, DataEvent.cr);
      case DataState.dot_crlf:
        return this.move(DataState.dot_crlf_cr, DataEvent.none);
      case DataState.dot_crlf_cr:
        return this.move(DataState.broken, DataEvent.cr | DataEvent.smuggled);
      case DataState.dot_broken:
      case DataState.dot_nul:
        return this.move(DataState.cr, DataEvent.smuggled);
      default:
        return this.move(DataState.cr, DataEvent.none);
    }
  }

  private stepLf(state: DataState): DataEvent {
    switch (state) {
      case DataState.cr:
        return this.move(DataState.crlf, DataEvent.none);
      case DataState.dot_crlf_cr:
        return this.move(DataState.start, DataEvent.end);
      case DataState.dot_crlf:
      case DataState.dot_broken:
      case DataState.dot_nul:
        return this.move(DataState.broken, DataEvent.lf | DataEvent.smuggled);
      default:
        return this.move(DataState.broken, DataEvent.lf);
    }
  }

  private move(state: DataState, event: DataEvent): DataEvent {
    this.state = state;
    return event;
  }
}

function stateAfterNul(state: DataState): DataState {
  switch (state) {
    // A server that drops NULs sees a dot after them at the start of a line.
    case DataState.start:
    case DataState.crlf:
    case DataState.broken:
      return DataState.broken;
    case DataState.dot_crlf:
    case DataState.dot_broken:
    case DataState.dot_nul:
      return DataState.dot_nul;
    default:
      return DataState.nul_run;
  }
}
