// MQTT's framing, and nothing else of MQTT: where packets begin and how long they say they are. In: a stream in chunks cut anywhere. Out: the first fault, such as
// an announced length over the limit, before any of that packet needs to be held. It keeps a few integers per connection.

export interface FrameLimits {
  /** The most that the first packet, a CONNECT, may announce. */
  readonly firstBytes: number;
  /** The most that any later packet may announce. */
  readonly laterBytes: number;
}

export interface FrameScanner {
  /** Looks at the next chunk; a sentence saying what is wrong, or `undefined`. */
  scan(chunk: Uint8Array): string | undefined;
  /** True once the first packet has come whole. */
  hasFirst(): boolean;
}

const CONNECT = 0x10;
const MAX_LENGTH_BYTES = 4;

export function frameScanner(limits: FrameLimits): FrameScanner {
  let packets = 0;
  let bodyLeft = 0;
  let lengthBytes = -1; // -1: the next byte begins a packet
  let length = 0;

  function header(byte: number): string | undefined {
    if (lengthBytes < 0) {
      if (packets === 0 && byte !== CONNECT) return `expected CONNECT (${CONNECT}) as the first packet, got ${byte}`;
      lengthBytes = 0;
      length = 0;
      return undefined;
    }
    length += (byte & 127) * 128 ** lengthBytes;
    lengthBytes++;
    if (byte >= 128) return lengthBytes === MAX_LENGTH_BYTES ? 'expected a length of at most 4 bytes, got more' : undefined;
    const limit = packets === 0 ? limits.firstBytes : limits.laterBytes;
    if (length > limit) return `expected a packet of at most ${limit} bytes, got ${length} announced`;
    bodyLeft = length;
    lengthBytes = -1;
    if (bodyLeft === 0) packets++;
    return undefined;
  }

  return {
    scan(chunk) {
      let at = 0;
      while (at < chunk.length) {
        if (bodyLeft > 0) {
          const skipped = Math.min(bodyLeft, chunk.length - at);
          bodyLeft -= skipped;
          at += skipped;
          if (bodyLeft === 0) packets++;
        } else {
          const fault = header(chunk[at] as number);
          if (fault !== undefined) return fault;
          at++;
        }
      }
      return undefined;
    },
    hasFirst: () => packets > 0,
  };
}
