/** Points in time as events have them: RFC 3339, UTC, with microseconds, such as `2026-11-28T06:51:07.004213Z`. */
import { Text } from "./text";

/** The day that `text` says, in days since 1970. */
let today: u32 = u32.MAX_VALUE;
/** The point in time that was written last; only its digits change. */
const text: ArrayBuffer = String.UTF8.encode("1970-01-01T00:00:00.000000Z");

/** Appends a point in time. @param time nanoseconds since 1970 */
export function writeTime(line: Text, time: u64): void {
  const seconds = time / 1_000_000_000;
  const day = <u32>(seconds / SECONDS_OF_DAY);
  if (day != today) findDate(day);
  const second = <u32>(seconds % SECONDS_OF_DAY);
  const minute = second / 60;
  const micros = <u32>((time - seconds * 1_000_000_000) / 1000);
  setPair(11, minute / 60);
  setPair(14, minute % 60);
  setPair(17, second % 60);
  setPair(20, micros / 10_000);
  setPair(22, (micros / 100) % 100);
  setPair(24, micros % 100);
  line.bytes(text);
}

/** Sets two digits of `text`. @param value 0 to 99 */
function setPair(at: usize, value: u32): void {
  const tens = value / 10;
  store<u16>(changetype<usize>(text) + at, <u16>(0x3030 + tens + ((value - tens * 10) << 8)));
}

/**
 * The date of a day by the Gregorian calendar: years that begin in March, in eras of 400 years, so that leap days come last
 * (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days). 64 bits of nanoseconds end in 2554.
 */
function findDate(day: u32): void {
  today = day;
  const sinceMarch = day + 719_468;
  const era = sinceMarch / 146_097;
  const ofEra = sinceMarch - era * 146_097;
  const yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365;
  const ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const month = (5 * ofYear + 2) / 153;
  const isNext = month >= 10;
  const year = yearOfEra + era * 400 + (isNext ? 1 : 0);
  setPair(0, year / 100);
  setPair(2, year % 100);
  setPair(5, isNext ? month - 9 : month + 3);
  setPair(8, ofYear - (153 * month + 2) / 5 + 1);
}

const SECONDS_OF_DAY: u64 = 86_400;
