import { HELO_MAX, heloOf, Session } from "./sessions";

/** Bytes kept of a path: RFC 5321 4.5.3.1.3 gives a path 256. */
const PATH_MAX: usize = 256;
const FROM: usize = 4;
const TO: usize = FROM + PATH_MAX;

/** Keeps the name that HELO or EHLO gave, cut to what a session has room for. */
export function keepHelo(s: Session, from: usize, length: usize): void {
  s.heloLength = <u8>min(length, <usize>HELO_MAX);
  memory.copy(heloOf(s), from, s.heloLength);
}

/** Begins a transaction with the reverse-path [from, from + length). */
export function keepMailFrom(s: Session, from: usize, length: usize): void {
  if (s.envelope == 0) s.envelope = heap.alloc(TO + PATH_MAX);
  const kept = min(length, PATH_MAX);
  store<u16>(s.envelope, <u16>kept);
  store<u16>(s.envelope + 2, 0);
  memory.copy(s.envelope + FROM, from, kept);
}

/** Keeps the forward-path of the latest RCPT; without a transaction there is nothing to keep it in. */
export function keepRcptTo(s: Session, from: usize, length: usize): void {
  if (s.envelope == 0) return;
  const kept = min(length, PATH_MAX);
  store<u16>(s.envelope + 2, <u16>kept);
  memory.copy(s.envelope + TO, from, kept);
}

/** Ends the transaction: an idle session costs its slot only. */
export function freeEnvelope(s: Session): void {
  if (s.envelope != 0) heap.free(s.envelope);
  s.envelope = 0;
}

export function mailFrom(s: Session): usize {
  return s.envelope + FROM;
}

export function mailFromLength(s: Session): i32 {
  return load<u16>(s.envelope);
}

export function rcptTo(s: Session): usize {
  return s.envelope + TO;
}

export function rcptToLength(s: Session): i32 {
  return load<u16>(s.envelope + 2);
}
