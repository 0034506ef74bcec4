// What the hub has promised, as it went out of its sockets: acknowledgements and receipts. In: what a connection's first packet said and what the hub told it, in order; and
// the payers, who can read it. Out: for each device the units that must never be lost from then on. It believes the network and not the hub.

import type { Payer } from '../hub/payer.ts';
import type { NetEvent } from './trace.ts';

export interface Promises {
  apply(event: NetEvent): void;
  /** Units by device. */
  units(): ReadonlyMap<string, number>;
  /** Acknowledgements and receipts so far. */
  count(): number;
}

interface Line {
  readonly payer: Payer;
  held: Buffer;
}

const PUBLISH = 3;
const PUBACK = 4;

/** `unitsOf` tells what a packet id stands for; payers number their packets so that it can. */
export function promisesTo(payers: readonly Payer[], unitsOf: (packetId: number) => number): Promises {
  const lines = new Map<number, Line>();
  const units = new Map<string, number>();
  let count = 0;
  const promise = ({ config }: Payer, promised: number): void => {
    count++;
    units.set(config.device, Math.max(promised, units.get(config.device) ?? 0));
  };
  return {
    apply(event) {
      if (event.kind === 'heard') {
        const payer = payers.find(({ config }) => event.data.includes(config.device));
        if (payer === undefined) throw new Error('a connection that is no payer’s');
        lines.set(event.socket, { payer, held: Buffer.alloc(0) });
        return;
      }
      const line = lines.get(event.socket);
      if (line === undefined) throw new Error(`the hub speaks on socket ${event.socket} before it has heard anything`);
      line.held = readPackets(Buffer.concat([line.held, event.data]), (type, body) => {
        if (type === PUBACK) promise(line.payer, unitsOf(body.readUInt16BE(0)));
        if (type !== PUBLISH) return;
        const said = line.payer.read(body.toString('latin1', 2 + body.readUInt16BE(0)));
        if (typeof said === 'string') throw new Error(`the hub said what cannot be believed: ${said}`);
        if (said.kind === 'receipt') promise(line.payer, said.acceptedUnits);
      });
    },
    units: () => new Map(units),
    count: () => count,
  };
}

/** Answers what is left of the stream. */
function readPackets(stream: Buffer, onPacket: (type: number, body: Buffer) => void): Buffer {
  let at = 0;
  for (;;) {
    let length = 0;
    let body = at + 1;
    for (let shift = 0; ; shift += 7) {
      const digit = stream[body++];
      if (digit === undefined) return stream.subarray(at);
      length += (digit & 127) << shift;
      if (digit < 128) break;
    }
    if (body + length > stream.length) return stream.subarray(at);
    onPacket((stream[at] as number) >> 4, stream.subarray(body, body + length));
    at = body + length;
  }
}
