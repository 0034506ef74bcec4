// A payer made of Node's own cryptography: what a device would send, made ahead. In: a device's configuration. Out: its commitment, its payword and
// signed vouchers, as payloads or whole packets. For load, kills and benchmarks; the firmware has its own code, which this one must agree with.

import { createHash, createPrivateKey, sign, type KeyObject } from 'node:crypto';
import type { Bytes, Sha256 } from '../../shared/bytes.ts';
import { fromHex } from '../../shared/bytes.ts';
import { commitmentPayload, writeCommitment } from '../../shared/commitment.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import type { Context, Purpose } from '../../shared/cose.ts';
import { PURPOSE_COMMITMENT, PURPOSE_VOUCHER, signedBytes } from '../../shared/cose.ts';
import type { AccountId, HubId, TariffId } from '../../shared/identity.ts';
import type { Link } from '../../shared/payword.ts';
import { chainSalt, linkBefore } from '../../shared/payword.ts';
import type { ChannelNumber, Units } from '../../shared/units.ts';
import { signedVoucherPayload, writePaywordVoucher, writeSignedVoucher } from '../../shared/voucher.ts';

export interface PaidChannel {
  readonly commitment: Buffer;
  payword(units: number): Buffer;
  signed(units: number, closing: boolean): Buffer;
}

export const sha256: Sha256 = (data) =>
  createHash('sha256')
    .update(data, 'latin1')
    .digest('latin1' as 'binary');

export function openedChannel(config: DeviceConfig, number: number): PaidChannel {
  const context: Context = { hub: bytes(config.hub) as HubId, device: config.device };
  const channel = number as ChannelNumber;
  const key = keyOf(config);
  const links = chainOf(context, channel, config.chainUnits, config.seed);
  const seal = (purpose: Purpose, payload: Bytes): Bytes =>
    sign(null, Buffer.from(signedBytes(purpose, context, payload), 'latin1'), key).toString('latin1');
  const terms = commitmentPayload({
    channel,
    payee: bytes(config.payee) as AccountId,
    tariff: bytes(config.tariff) as TariffId,
    limitUnits: config.limitUnits as Units,
    anchor: links[0] as Link,
    chainUnits: config.chainUnits as Units,
    openedRegisterUnits: 0,
  });
  return {
    commitment: Buffer.from(writeCommitment(terms, seal(PURPOSE_COMMITMENT, terms)), 'latin1'),
    payword: (units) => Buffer.from(writePaywordVoucher(channel, units as Units, links[units] as Link), 'latin1'),
    signed(units, closing) {
      const payload = signedVoucherPayload(channel, units as Units, closing);
      return Buffer.from(writeSignedVoucher(payload, seal(PURPOSE_VOUCHER, payload)), 'latin1');
    },
  };
}

/** Link i at index i, the anchor first. */
function chainOf(context: Context, channel: ChannelNumber, units: number, seed: string): Link[] {
  const salt = chainSalt(context.device, channel);
  const links: Link[] = new Array<Link>(units + 1);
  links[units] = sha256(`load ${seed} ${channel}`).slice(0, 16) as Link;
  for (let i = units - 1; i >= 0; i--) links[i] = linkBefore(salt, i, links[i + 1] as Link, sha256);
  return links;
}

function keyOf(config: DeviceConfig): KeyObject {
  const der = Buffer.from(`302e020100300506032b657004220420${config.seed}`, 'hex');
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

function bytes(hex: string): Bytes {
  const value = fromHex(hex);
  if (value === undefined) throw new Error(`expected hex, got ${hex}`);
  return value;
}
