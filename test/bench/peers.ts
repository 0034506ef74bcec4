// `npm run bench:peers`: payments checked and stored per second by what others ship for the same job, beside ours. In: whether to fetch their packages. Out: a table and, with --json, one object. All rows run in this process, one after the
// other, with the same durability: each payment's own bytes appended to a file that is flushed once per group. What is compared is the check of a payment that the peer's package (or, for x402, the
// call that its server makes) does, without networks or chains; what is not installed is said. It never judges.

import { spawnSync } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as ed from '@noble/ed25519';
import Table from 'cli-table3';
import { Command } from 'commander';
import { createHash } from 'node:crypto';
import { accept } from '../../hub/accept.ts';
import type { KnownDevice } from '../../hub/known.ts';
import { advanceLane, laneOf } from '../../hub/lane.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import { inFolder, say } from './folder.ts';
import { openRoom } from './room.ts';

/** A peer's payments: made ahead, each checked once. */
interface Scheme {
  readonly name: string;
  /** As sent, without transport. */
  readonly bytes: number;
  readonly payments: number;
  check(i: number): boolean | Promise<boolean>;
}

interface Row {
  readonly name: string;
  readonly bytes: number;
  readonly perSecond: number;
}

const PACKAGES = ['ripple-keypairs@3.1.0', 'mppx@0.11.0', '@x402/evm@2.27.0', 'viem@2.55.13'];
const GROUP = 256;
const FEW = 300;
const FOLDER = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache', 'tallystick-peers');
const CHAIN_ID = 84_532;
const CHANNEL_ID = `0x${'ab'.repeat(32)}`;
const ESCROW = `0x${'11'.repeat(20)}`;
const PRIVATE_KEY = `0x${'22'.repeat(32)}`;

const options = new Command('bench:peers')
  .description('payments checked and stored per second, beside what others ship')
  .option('--install', 'fetch the peers’ packages first (about 110 MB, into node_modules/.cache)')
  .option('--json', 'one JSON object as the last line')
  .parse()
  .opts<{ install?: boolean; json?: boolean }>();

function install(): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'package.json'), JSON.stringify({ name: 'peers', version: '1.0.0', private: true }));
  const words = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps', ...PACKAGES];
  const { status } = spawnSync('npm', words, { cwd: FOLDER, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) say('the peers’ packages could not be installed');
}

/** A package that this project does not depend on: its types are those that are used here. */
async function load<T>(name: string): Promise<T> {
  const path = createRequire(join(FOLDER, 'package.json')).resolve(name);
  return (await import(pathToFileURL(path).href)) as T;
}

function paywords(dataDir: string): Scheme {
  const payments = 60_000;
  const { known, device, payer } = openRoom(dataDir, payments);
  const messages = Array.from({ length: payments }, (_, i) => Buffer.from(payer.payword(1, i + 1), 'latin1'));
  const lane = laneOf(device);
  const check = (i: number): boolean => advanceLane(lane, known, messages[i] as Buffer, 0, (messages[i] as Buffer).length);
  return { name: 'Tallystick, payword', bytes: messages.at(-1)?.length ?? 0, payments, check };
}

function signed(
  dataDir: string,
  name: string,
  verifyOf: (device: KnownDevice) => (message: Bytes, signature: Bytes) => boolean,
  payments: number,
): Scheme {
  const { known, device, payer } = openRoom(dataDir, 60_000);
  const messages = Array.from({ length: payments }, (_, i) => payer.signed(1, i + 1));
  const view = {
    context: device.context,
    standing: 'enrolled' as const,
    spent: false,
    channel: device.channels.get(1),
    nextChannel: 2,
  };
  const judges = { ...known.lookups, verify: verifyOf(device) };
  const check = (i: number): boolean =>
    accept({ ...view, nowSeconds: 1e9, creditMicros: device.row.creditMicros }, decodeUplink(messages[i] as Bytes), judges)
      .kind === 'accepted';
  return { name, bytes: messages.at(-1)?.length ?? 0, payments, check };
}

const raw = (bytes: Bytes): Uint8Array => new Uint8Array(Buffer.from(bytes, 'latin1'));

/** The same library and curve as the peers', so that the schemes can be told from the primitives. */
function nobleVerify(device: KnownDevice): (message: Bytes, signature: Bytes) => boolean {
  ed.hashes.sha512 = (message) => new Uint8Array(createHash('sha512').update(message).digest());
  const key = raw(device.row.publicKey);
  return (message, signature) => ed.verify(raw(signature), raw(message), key);
}

interface Ripple {
  readonly generateSeed: (options: { algorithm: string }) => string;
  readonly deriveKeypair: (seed: string) => { publicKey: string; privateKey: string };
  readonly sign: (messageHex: string, privateKey: string) => string;
  readonly verify: (messageHex: string, signature: string, publicKey: string) => boolean;
}

/** A claim of an XRP payment channel: 'CLM', channel, drops; signed as ripple-keypairs does it. */
async function ripple(algorithm: string): Promise<Scheme> {
  const { generateSeed, deriveKeypair, sign, verify } = await load<Ripple>('ripple-keypairs');
  const { publicKey, privateKey } = deriveKeypair(generateSeed({ algorithm }));
  const claims = Array.from({ length: FEW }, (_, i) => {
    const message = `434C4D00${'AB'.repeat(32)}${(i + 1).toString(16).padStart(16, '0')}`;
    return { message, signature: sign(message, privateKey) };
  });
  const check = (i: number): boolean => verify(claims[i]?.message ?? '', claims[i]?.signature ?? '', publicKey);
  const bytes = 44 + (claims[0]?.signature.length ?? 0) / 2;
  return { name: `XRP channel claim, ripple-keypairs, ${algorithm}`, bytes, payments: FEW, check };
}

interface Viem {
  readonly verifyTypedData: (asked: unknown) => Promise<boolean>;
  readonly createClient: (options: unknown) => unknown;
  readonly http: (url: string) => unknown;
}

interface ViemAccounts {
  privateKeyToAccount(key: string): { readonly address: string; signTypedData(data: unknown): Promise<string> };
}

/** The voucher and the check of the batch settlement's server; its HTTP header as it travels is counted. */
async function x402(): Promise<Scheme> {
  const { version } = JSON.parse(readFileSync(join(FOLDER, 'node_modules', '@x402', 'evm', 'package.json'), 'utf8')) as {
    version: string;
  };
  const { verifyTypedData } = await load<Viem>('viem');
  const account = (await load<ViemAccounts>('viem/accounts')).privateKeyToAccount(PRIVATE_KEY);
  const domain = { name: 'x402 Batch Settlement', version: '1', chainId: CHAIN_ID, verifyingContract: ESCROW };
  const types = {
    Voucher: [
      { name: 'channelId', type: 'bytes32' },
      { name: 'maxClaimableAmount', type: 'uint128' },
    ],
  };
  const common = { domain, types, primaryType: 'Voucher' };
  const vouchers = await Promise.all(
    Array.from({ length: FEW }, async (_, i) => {
      const data = { ...common, message: { channelId: CHANNEL_ID, maxClaimableAmount: BigInt(i + 1) } };
      return { data, signature: await account.signTypedData(data) };
    }),
  );
  const check = (i: number): Promise<boolean> =>
    verifyTypedData({ ...vouchers[i]?.data, address: account.address, signature: vouchers[i]?.signature });
  const voucher = { channelId: CHANNEL_ID, maxClaimableAmount: '1000000', signature: vouchers[0]?.signature };
  return {
    name: `x402 batch settlement ${version}, its server's check of a voucher`,
    bytes: JSON.stringify(voucher).length,
    payments: FEW,
    check,
  };
}

interface Mppx {
  readonly Session: {
    readonly Precompile: {
      readonly Voucher: {
        readonly signVoucher: (
          client: unknown,
          account: unknown,
          voucher: unknown,
          contract: string,
          chainId: number,
        ) => Promise<string>;
        readonly verifyVoucher: (contract: string, chainId: number, voucher: unknown, signer: string) => boolean;
      };
    };
  };
}

async function mppx(): Promise<Scheme> {
  const { signVoucher, verifyVoucher } = (await load<Mppx>('mppx/tempo')).Session.Precompile.Voucher;
  const { createClient, http } = await load<Viem>('viem');
  const account = (await load<ViemAccounts>('viem/accounts')).privateKeyToAccount(PRIVATE_KEY);
  const client = createClient({ account, transport: http('http://127.0.0.1:9') }); // signs by itself; nothing is asked of a node
  const vouchers = await Promise.all(
    Array.from({ length: FEW }, async (_, i) => {
      const voucher = { channelId: CHANNEL_ID, cumulativeAmount: BigInt(i + 1) };
      return { ...voucher, signature: await signVoucher(client, account, voucher, ESCROW, CHAIN_ID) };
    }),
  );
  const sent = { channelId: CHANNEL_ID, cumulativeAmount: '1000000', signature: vouchers[0]?.signature };
  const check = (i: number): boolean => verifyVoucher(ESCROW, CHAIN_ID, vouchers[i], account.address);
  return { name: 'mppx session, verifyVoucher', bytes: JSON.stringify(sent).length, payments: FEW, check };
}

/** Checked, appended, and flushed once per group: the same for everybody. */
async function measure(scheme: Scheme, folder: string): Promise<Row> {
  const file = openSync(join(folder, 'stored'), 'w');
  const stored = Buffer.alloc(Math.max(scheme.bytes, 1));
  const beganMs = performance.now();
  for (let i = 0; i < scheme.payments; i += GROUP) {
    const end = Math.min(i + GROUP, scheme.payments);
    const group: Buffer[] = [];
    for (let k = i; k < end; k++) {
      const answer = scheme.check(k);
      if (!(answer === true || (await answer) === true)) throw new Error(`${scheme.name}: payment ${k} was refused`);
      group.push(stored);
    }
    writeSync(file, Buffer.concat(group));
    fdatasyncSync(file);
  }
  const seconds = (performance.now() - beganMs) / 1000;
  closeSync(file);
  return { name: scheme.name, bytes: scheme.bytes, perSecond: scheme.payments / seconds };
}

if (options.install === true) install();
const missing: string[] = [];
const { ours, rows } = await inFolder(async (folder) => {
  const ours = await measure(paywords(join(folder, 'paywords')), folder);
  const own = [
    await measure(
      signed(join(folder, 'signed'), 'Tallystick, signed voucher', (device) => device.verify, 3000),
      folder,
    ),
    await measure(
      signed(join(folder, 'noble'), 'Tallystick, signed voucher, checked by @noble/ed25519', nobleVerify, FEW),
      folder,
    ),
  ];
  const peers: Row[] = [];
  for (const open of [() => ripple('ed25519'), () => ripple('ecdsa-secp256k1'), x402, mppx]) {
    try {
      peers.push(await measure(await open(), folder));
    } catch (error) {
      missing.push((error as Error).message.split('\n')[0] ?? '');
    }
  }
  return { ours, rows: [ours, ...own, ...peers] };
});
for (const why of missing) say(`NOT MEASURED: ${why}`);
if (missing.length > 0) say('the peers’ packages are fetched with --install');
say('NOT MEASURED: ilp-plugin-xrp-paychan (its check is ripple-keypairs’ and a ledger’s), lnurl (asks a Lightning node)');
const table = new Table({ head: ['', 'bytes', 'checked and stored /s', 'payword is'], style: { head: [], border: [] } });
for (const { name, bytes, perSecond } of rows)
  table.push([name, bytes, Math.round(perSecond).toLocaleString('en'), `${(ours.perSecond / perSecond).toFixed(1)} times`]);
say(table.toString());
const peers = rows.filter(({ name }) => !name.startsWith('Tallystick'));
if (options.json === true) {
  const best = peers.length === 0 ? null : Math.max(...peers.map(({ perSecond }) => perSecond));
  process.stdout.write(
    `${JSON.stringify({ perSecond: Math.round(ours.perSecond), ratioToBestPeer: best === null ? null : ours.perSecond / best, rows, notMeasured: missing })}\n`,
  );
}
