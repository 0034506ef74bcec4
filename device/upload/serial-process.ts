// The process that holds a serial port, through the `espruino` package's own serial device. In: path and speed as arguments, then bytes as messages.
// Out: what happened, as messages. It ends with its parent. Its console belongs to the package, which prints much: nobody reads it.

import { createRequire } from 'node:module';

export type SerialEvent =
  | { readonly kind: 'open' }
  | { readonly kind: 'data'; readonly bytes: string }
  | { readonly kind: 'absent'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string };

/** What is used of the package: it ships no types. */
interface SerialDevice {
  readonly name: string;
  open(path: string, onOpen: () => void, onData: (bytes: ArrayBuffer) => void, onClosed: () => void): void;
  write(bytes: string, done: () => void): void;
}
interface EspruinoTools {
  readonly Config: { BAUD_RATE: number };
  readonly Core: { readonly Serial: { readonly devices: readonly SerialDevice[] } };
}

function tell(event: SerialEvent, then: () => void = () => undefined): void {
  if (process.send === undefined || !process.connected) return then();
  process.send(event, undefined, undefined, then);
}

function leave(event: SerialEvent): void {
  tell(event, () => process.exit(1));
}

/** The package's serial device; its loader runs every part of the package and then calls back. */
function serialDevice(baud: number): SerialDevice {
  const { init } = createRequire(import.meta.url)('espruino') as { init: (done: () => void) => void };
  init(() => undefined);
  const tools = (globalThis as unknown as { Espruino: EspruinoTools }).Espruino;
  tools.Config.BAUD_RATE = baud;
  const device = tools.Core.Serial.devices.find((one) => one.name === 'Node Serial');
  if (device === undefined) throw new Error('its part "serialport" is missing');
  return device;
}

function start(path: string, baud: number): void {
  let device: SerialDevice;
  try {
    device = serialDevice(baud);
  } catch (error) {
    return leave({ kind: 'absent', why: (error as Error).message.split('\n')[0] as string });
  }
  // The package listens to no error of the port: it arrives here.
  process.on('uncaughtException', (error) => leave({ kind: 'failed', why: error.message.replace(/^Error: /, '') }));
  process.on('message', (bytes: string) => device.write(bytes, () => undefined));
  device.open(
    path,
    () => tell({ kind: 'open' }),
    (bytes) => tell({ kind: 'data', bytes: Buffer.from(bytes).toString('latin1') }),
    () => leave({ kind: 'failed', why: 'the serial port was closed' }),
  );
}

process.once('disconnect', () => process.exit(0));
start(process.argv[2] as string, Number(process.argv[3]));
