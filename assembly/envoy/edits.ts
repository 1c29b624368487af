import { append, BufferId, readBuffer, replaceStart, WINDOW, windowStart } from "./host";

const scratch: usize = memory.data(65536);

/**
 * What becomes of one buffer while it is read window by window. Envoy allows edits at the start and the end of a
 * buffer only, so as long as all is kept nothing is written; at the first change what was kept so far, and all that
 * follows, is appended piece by piece and the original bytes are dropped in the end. Memory is one scratch area.
 */
@final
export class Edits {
  /** Bytes of the buffer as Envoy gave it. */
  private size: u32 = 0;
  /** Original bytes kept so far, all at the start, while nothing changed. */
  private kept: u32 = 0;
  private appended: u32 = 0;
  private filled: u32 = 0;
  private changed: bool = false;
  /** The host refused a change. */
  private refused: bool = false;
  /** False: both sides get what was sent, and every call here does nothing. */
  private active: bool = false;
  /** Offset in the buffer of the byte at `windowStart()`. */
  window: u32 = 0;

  constructor(private readonly buffer: BufferId) {}

  /** Starts on a buffer of `size` bytes. */
  begin(size: u32, active: bool): void {
    this.size = size;
    this.active = active;
    this.kept = this.appended = this.filled = this.window = 0;
    this.changed = this.refused = false;
  }

  /** Whether bytes can still be skipped without being read. */
  get isUnchanged(): bool {
    return !this.changed;
  }

  /** Lets the next `length` bytes, which stand at `from`, pass. */
  pass(from: usize, length: usize): void {
    if (!this.active) return;
    if (this.changed) this.put(from, <u32>length);
    else this.kept += <u32>length;
  }

  /** Lets the next `length` bytes pass unread; only while unchanged. */
  passUnread(length: u32): void {
    this.kept += length;
  }

  /** Takes the next bytes out; what is not kept is gone. */
  drop(): void {
    if (this.active && !this.changed) this.change();
  }

  /** Inserts bytes that the sender did not send. */
  write(from: usize, length: u32): void {
    if (!this.active) return;
    if (!this.changed) this.change();
    this.put(from, length);
  }

  /**
   * Carries the changes out; false when the host refused one. Then what should not pass is still in the buffer, and the
   * connection must be closed.
   */
  finish(): bool {
    // Until the next buffer nothing here may touch the scratch area, which the other direction uses too.
    this.active = false;
    if (!this.changed) return true;
    this.changed = false;
    if (this.appended > 0) this.flush();
    const rest = this.appended > 0 ? 0 : this.filled;
    return replaceStart(this.buffer, this.size, scratch, rest) && !this.refused;
  }

  /** From here on everything is appended, beginning with what was kept. */
  private change(): void {
    this.changed = true;
    let offset: u32 = 0;
    while (offset < this.kept && offset < this.window) {
      const wanted = min(min(this.kept, this.window) - offset, <u32>WINDOW);
      const got = <u32>readBuffer(this.buffer, offset, wanted, scratch);
      if (got == 0) break;
      this.filled = got;
      this.flush();
      offset += got;
    }
    if (this.kept > this.window) this.put(windowStart(), this.kept - this.window);
  }

  private put(from: usize, length: u32): void {
    while (length > 0) {
      if (this.filled == <u32>WINDOW) this.flush();
      const part = min(length, <u32>WINDOW - this.filled);
      memory.copy(scratch + this.filled, from, part);
      this.filled += part;
      from += part;
      length -= part;
    }
  }

  private flush(): void {
    if (this.filled == 0) return;
    if (!append(this.buffer, this.size + this.appended, scratch, this.filled)) this.refused = true;
    this.appended += this.filled;
    this.filled = 0;
  }
}

/** Bytes on their way to the server, and to the client. Never both at once, so they share the scratch area. */
export const clientEdits = new Edits(BufferId.downstream);
export const serverEdits = new Edits(BufferId.upstream);
