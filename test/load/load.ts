// A closed-loop load: many devices, each with so many vouchers under way, all bytes made ahead. In: where the server is, and who pays. Out: how many
// vouchers were acknowledged in the time. It measures acknowledgements on the socket, so what the server calls durable is its own affair.

import type { Bytes } from '../../shared/bytes.ts';
import type { LoadConnection } from './connection.ts';
import { openConnection, publishPacket } from './connection.ts';

export interface LoadDevice {
  readonly clientId: string;
  readonly password: string;
  readonly topic: string;
  /** Sent and acknowledged before the clock starts; the commitment. */
  readonly opening: Bytes;
  /** Vouchers in the order in which they are sent. */
  readonly vouchers: readonly Bytes[];
}

export interface LoadResult {
  readonly acknowledged: number;
  readonly seconds: number;
  /** Of the clock's time, how much this process computed: near 1 means that the load was the bottleneck. */
  readonly loadCores: number;
  /** True if some device ran out of vouchers: then the figure is too low. */
  readonly ranDry: boolean;
}

interface Line {
  readonly connection: LoadConnection;
  readonly packets: readonly Buffer[];
  next: number;
}

const MAX_PACKET_ID = 65_535;
const OPENING_ID = 1;

export async function runLoad(
  server: { readonly host: string; readonly port: number },
  devices: readonly LoadDevice[],
  options: { readonly seconds: number; readonly inFlight: number },
): Promise<LoadResult> {
  let acknowledged = 0;
  let counting = false;
  let ranDry = false;
  const sendNext = (line: Line): void => {
    const packet = line.packets[line.next];
    if (packet === undefined) {
      ranDry = true;
      return;
    }
    line.next++;
    line.connection.send(packet);
  };
  const lines = await Promise.all(
    devices.map((device) =>
      openLine(server, device, (line) => {
        acknowledged++;
        if (counting) sendNext(line);
      }),
    ),
  );
  acknowledged = 0;
  counting = true;
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  for (const line of lines) for (let i = 0; i < options.inFlight; i++) sendNext(line);
  await new Promise((resolve) => setTimeout(resolve, options.seconds * 1000));
  counting = false;
  const seconds = (performance.now() - startMs) / 1000;
  const used = process.cpuUsage(cpu);
  const result = { acknowledged, seconds, loadCores: (used.user + used.system) / 1e6 / seconds, ranDry };
  for (const line of lines) line.connection.destroy();
  return result;
}

/** Connects, opens the channel, and from then on reports every acknowledged voucher. */
function openLine(server: { host: string; port: number }, device: LoadDevice, onVoucher: (line: Line) => void): Promise<Line> {
  return new Promise((resolve, reject) => {
    let line: Line | undefined;
    const onAcknowledged = (): void => {
      if (line === undefined) return;
      if (!opened) {
        opened = true;
        resolve(line);
      } else onVoucher(line);
    };
    let opened = false;
    const { clientId, password } = device;
    openConnection({ ...server, clientId, password }, { onAcknowledged, onClose: () => {} })
      .then((connection) => {
        const packets = device.vouchers.map((voucher, i) => publishPacket(device.topic, voucher, 2 + (i % (MAX_PACKET_ID - 2))));
        line = { connection, packets, next: 0 };
        connection.send(publishPacket(device.topic, device.opening, OPENING_ID));
      })
      .catch(reject);
  });
}
