// The two places for firmware in the board's file store, and what stands at the end of each: the build's name, the version, and marks of four bytes that are blank
// until they are set, once. So the state of an update is bits that go from 1 to 0, and a power cut leaves the state before or after one of them. In: numbers. Out:
// layout. The code ends in a comment, in which all this lies; so it must never hold a line's end.

import type { Bytes } from '../shared/bytes.ts';

/** `ts.fw0` and `ts.fw1`. */
export const SLOT = 'ts.fw';

/** The code is whole, and its signature and digest are right. */
export const READY = 0;
/** The first of three: so many starts has a new firmware to give a sign of life. */
export const TRIAL = 1;
/** It has given it. */
export const PROVEN = 4;
/** Another one has proven itself in its place. */
export const OUT = 5;

export const BUILD_BYTES = 16;
/** Build and version. */
export const LABEL_BYTES = 24;
export const MARK_BYTES = 4;
export const MARKS_BYTES = 24;
/** Label and marks. */
export const TRAILER_BYTES = 48;
/** The digits of the label's version. */
export const MAX_VERSION = 99999999;

export const BLANK = '\xff\xff\xff\xff';
export const SET = '\0\0\0\0';

/** Build names are ASCII without blanks, and at least one blank follows; the version follows in decimal digits. */
export function labelOf(build: string, version: number): Bytes {
  return (build + '                ').substring(0, BUILD_BYTES) + ('' + (100000000 + version)).substring(1);
}
