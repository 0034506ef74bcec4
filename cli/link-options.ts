// How a board will reach the hub, as `device add` takes it. In: words. Out: the fields of an enrolment that say so. A certificate is looked at here, on the operator's machine, because the
// board will not.

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { EnrolRequest } from '../hub/enrol.ts';
import { wholeNumber } from './duration.ts';
import { CommandFailed, EXIT } from './exit.ts';

export interface LinkOptions {
  readonly hubHost: string;
  readonly hubPort?: number;
  readonly wifiSsid?: string;
  readonly wifiPassword: string;
  readonly tls?: boolean;
  readonly ca?: string;
  readonly sntp?: string;
}

const PLAIN_PORT = 1883;
const TLS_PORT = 8883;

export function withLink(command: Command): Command {
  return command
    .option('--hub-host <address>', 'where the board finds the hub', '127.0.0.1')
    .option('--hub-port <number>', `its MQTT port (default: ${PLAIN_PORT}, with --tls ${TLS_PORT})`, wholeNumber(1, 65535))
    .option('--wifi-ssid <name>', 'the radio network')
    .option('--wifi-password <text>', 'its password', '')
    .option('--tls', 'hide the link to the hub; Espruino does not check whom it talks to')
    .option('--ca <file>', 'with --tls: the certificate to judge the hub by, for an Espruino that does')
    .option('--sntp <server>', 'who tells the board the time; no money depends on it');
}

export function linkOf(options: LinkOptions): Pick<EnrolRequest, 'host' | 'port' | 'wifi' | 'tls'> {
  const { hubHost: host, wifiSsid, wifiPassword, tls, ca, sntp } = options;
  if (ca !== undefined && tls !== true) throw new CommandFailed(EXIT.usage, '--ca: expected --tls with it');
  if (wifiSsid !== undefined && isLoopback(host)) {
    const why = 'a board on Wi-Fi finds only itself there; start the hub with --host 0.0.0.0 and give its address in the network';
    throw new CommandFailed(EXIT.usage, `--hub-host: expected an address that the board can reach, got ${host}: ${why}`);
  }
  if (sntp !== undefined && wifiSsid === undefined) throw new CommandFailed(EXIT.usage, '--sntp: expected --wifi-ssid with it');
  return {
    host,
    port: options.hubPort ?? (tls === true ? TLS_PORT : PLAIN_PORT),
    ...(wifiSsid === undefined
      ? {}
      : { wifi: { ssid: wifiSsid, password: wifiPassword, ...(sntp === undefined ? {} : { sntp }) } }),
    ...(tls === true ? { tls: ca === undefined ? '' : certificateIn(ca) } : {}),
  };
}

const isLoopback = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/i.test(host);

/** PEM or DER, as base64 of its DER. */
function certificateIn(path: string): string {
  try {
    return new X509Certificate(readFileSync(path)).raw.toString('base64');
  } catch (error) {
    const why = (error as Error).message;
    throw new CommandFailed(EXIT.data, `--ca: expected a file with a certificate as PEM or DER, got ${path} (${why})`);
  }
}
