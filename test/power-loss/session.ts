// One life of the hub under load, on record: the compiled program with a recorder under it, paid by several devices at once, then told to stop. In: a data folder and who
// pays. Out: everything that it asked of the disk and told the network, in order. Packet ids tell what they acknowledge.

import { rmSync } from 'node:fs';
import { topicOf } from '../../shared/topics.ts';
import { preloaded } from '../disk/preload.ts';
import type { Payer } from '../hub/payer.ts';
import type { LoadConnection } from '../load/connection.ts';
import { openConnection, publishPacket, subscribePacket } from '../load/connection.ts';
import { startProcess } from '../load/process.ts';
import type { TraceEvent } from './trace.ts';
import { readTrace } from './trace.ts';

export interface Session {
  readonly dataDir: string;
  /** The recorder, compiled. */
  readonly recorder: string;
  /** What stands between `node` and the hub's words: the script, or options and the script. */
  readonly script: readonly string[];
  readonly hubWords: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly payers: readonly Payer[];
  /** For each device what was paid before this session. */
  readonly paidUnits: ReadonlyMap<string, number>;
  readonly loadMs: number;
}

export interface Recorded {
  readonly events: readonly TraceEvent[];
  /** The most that each device has promised. */
  readonly sentUnits: ReadonlyMap<string, number>;
  /** It did not live until it was told to stop, or could not stop; empty when all was well. */
  readonly fault: readonly string[];
}

const CHANNEL = 1;
/** Of the devices, one after the other: each so many vouchers one is signed. */
const SIGNED_EVERY = [50, 1, 5];
const SUBSCRIBE_ID = 65_535;
const COME_BACK_MS = 50;

/** The commitment is 0 units. */
export const packetIdOf = (units: number): number => units + 1;
export const unitsOfPacket = (packetId: number): number => packetId - 1;

export async function runSession(session: Session): Promise<Recorded> {
  const { dataDir, recorder, script, hubWords, payers, paidUnits } = session;
  const trace = `${dataDir}-trace`;
  rmSync(trace, { force: true });
  const words = [
    process.execPath,
    ...script,
    'hub',
    '--data',
    dataDir,
    '--port',
    '0',
    '--max-messages-per-second',
    '10000000',
    '--settle-every',
    '60ms',
    '--json',
    ...hubWords,
  ];
  const env = { ...preloaded(recorder), TALLYSTICK_DISK: dataDir, TALLYSTICK_TRACE: trace, ...session.env };
  let said = '';
  const hub = await startProcess<{ readonly port: number }>(words, {
    env,
    onError: (text) => (said = (said + text).slice(-1000)),
  });
  const sentUnits = new Map<string, number>();
  let isOver = false;
  // From one voucher under way, as a board has it, to a gateway's many.
  const paying = payers.map(async (payer, i) => {
    let paid = paidUnits.get(payer.config.device) ?? 0;
    // A hub that cannot store anything cuts the line; a device comes back.
    for (; !isOver; await pause(COME_BACK_MS))
      paid = await pay(
        { payer, signedEvery: SIGNED_EVERY[i % SIGNED_EVERY.length] as number },
        hub.ready.port,
        1 + i * 8,
        paid,
        sentUnits,
      );
  });
  await pause(session.loadMs);
  isOver = true;
  const code = await hub.stop();
  await Promise.all(paying);
  const events = readTrace(trace, dataDir);
  rmSync(trace);
  return { events, sentUnits, fault: code === 0 ? [] : [`the hub ended with code ${code}: ${said}`] };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

interface Way {
  readonly payer: Payer;
  readonly signedEvery: number;
}

/** Until the line is cut; answers what is acknowledged by then. */
async function pay(
  { payer, signedEvery }: Way,
  port: number,
  inFlight: number,
  from: number,
  sent: Map<string, number>,
): Promise<number> {
  const { device, password, root, chainUnits } = payer.config;
  let acknowledged = from;
  let units = from;
  let onClose = (): void => {};
  const closed = new Promise<void>((resolve) => (onClose = resolve));
  const up = topicOf(root, device, 'up');
  const send = (): void => {
    if (units >= chainUnits) return;
    units++;
    sent.set(device, Math.max(units, sent.get(device) ?? 0));
    const message = units % signedEvery === 0 ? payer.signed(CHANNEL, units) : payer.payword(CHANNEL, units);
    connection.send(publishPacket(up, message, packetIdOf(units)));
  };
  const onAcknowledged = (packetId: number): void => {
    acknowledged = Math.max(acknowledged, unitsOfPacket(packetId));
    send();
  };
  let connection: LoadConnection;
  try {
    const credentials = { host: '127.0.0.1', port, clientId: device, password };
    connection = await openConnection(credentials, { onAcknowledged, onClose });
  } catch {
    return from; // it lets nobody in at present, or is gone
  }
  connection.send(subscribePacket(topicOf(root, device, 'down'), SUBSCRIBE_ID));
  connection.send(publishPacket(up, payer.commitment(CHANNEL), packetIdOf(0)));
  for (let i = 1; i < inFlight; i++) send();
  await closed;
  return acknowledged;
}
