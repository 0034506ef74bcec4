// Every message of the wire, from hex to JSON and back, for the vectors. In: hex, or a message as JSON. Out: the other one, or
// `{refusal, detail}`. Written in the Espruino subset: this very file is bundled for the interpreter too. It must add no judgement of its own.

import type { Bytes, Sha256 } from '../../shared/bytes.ts';
import { repeatByte, toHex } from '../../shared/bytes.ts';
import type { Commitment, Terms } from '../../shared/commitment.ts';
import { commitmentPayload, writeCommitment } from '../../shared/commitment.ts';
import type { Mac } from '../../shared/downlink.ts';
import { decodeDownlink, writeGrant, writeOffer, writePiece, writeReceipt, writeReject } from '../../shared/downlink.ts';
import type { AccountId, TariffId } from '../../shared/identity.ts';
import type { Link } from '../../shared/payword.ts';
import type { Reason } from '../../shared/reject.ts';
import type { State } from '../../shared/status.ts';
import { readStatus, writeStatus } from '../../shared/status.ts';
import type { Tariff } from '../../shared/tariff.ts';
import { readTariff, writeTariff } from '../../shared/tariff.ts';
import type { Leaf } from '../../shared/topics.ts';
import { parseTopic, topicOf } from '../../shared/topics.ts';
import type { ChannelNumber, Micros, Units } from '../../shared/units.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import type { SignedVoucher } from '../../shared/voucher.ts';
import { signedVoucherPayload, writePaywordVoucher, writeSignedVoucher } from '../../shared/voucher.ts';
import type { Fields } from './fields.ts';
import { richTariffFields, richTariffFrom } from './rich-tariff-codec.ts';
import { boolOf, contextOf, deviceOf, numberOf, octetsOf, textOf } from './fields.ts';
import { offerFields, pieceFields, updateFrom } from './update-codecs.ts';

const BLOCK_BYTES = 64;

function padOf(key: Bytes, code: number): Bytes {
  const padded = key + repeatByte(0, BLOCK_BYTES - key.length);
  let pad = '';
  for (let i = 0; i < BLOCK_BYTES; i++) pad += String.fromCharCode(padded.charCodeAt(i) ^ code);
  return pad;
}

/** HMAC 256/64 by RFC 2104, for keys of at most one block. */
export function macFrom(key: Bytes, sha256: Sha256): Mac {
  const inner = padOf(key, 0x36);
  const outer = padOf(key, 0x5c);
  return (data) => sha256(outer + sha256(inner + data)).substring(0, 8);
}

export function refused(refusal: string, detail: string): Fields {
  return { refusal: refusal, detail: detail };
}

function commitmentFields(commitment: Commitment): Fields {
  const terms = commitment.terms;
  return {
    kind: 'commitment',
    channel: terms.channel,
    payee: toHex(terms.payee),
    tariff: toHex(terms.tariff),
    limitUnits: terms.limitUnits,
    anchor: toHex(terms.anchor),
    chainUnits: terms.chainUnits,
    openedRegisterUnits: terms.openedRegisterUnits,
    signature: toHex(commitment.signature),
  };
}

function signedFields(voucher: SignedVoucher): Fields {
  return {
    kind: 'signed',
    channel: voucher.channel,
    units: voucher.units,
    closing: voucher.closing,
    signature: toHex(voucher.signature),
  };
}

export function decodeUplinkFields(input: Fields): Fields {
  const message = decodeUplink(octetsOf(input, 'hex'));
  switch (message.kind) {
    case 'malformed':
      return refused('malformed', message.detail);
    case 'commitment':
      return commitmentFields(message);
    case 'payword':
      return { kind: 'payword', channel: message.channel, units: message.units, link: toHex(message.link) };
    case 'signed':
      return signedFields(message);
  }
}

function termsFrom(value: Fields): Terms {
  return {
    channel: numberOf(value, 'channel') as ChannelNumber,
    payee: octetsOf(value, 'payee') as AccountId,
    tariff: octetsOf(value, 'tariff') as TariffId,
    limitUnits: numberOf(value, 'limitUnits') as Units,
    anchor: octetsOf(value, 'anchor') as Link,
    chainUnits: numberOf(value, 'chainUnits') as Units,
    openedRegisterUnits: numberOf(value, 'openedRegisterUnits'),
  };
}

/** The payload that is signed, of a commitment or a signed voucher. */
function uplinkPayload(value: Fields): Bytes {
  if (textOf(value, 'kind') === 'commitment') return commitmentPayload(termsFrom(value));
  return signedVoucherPayload(
    numberOf(value, 'channel') as ChannelNumber,
    numberOf(value, 'units') as Units,
    boolOf(value, 'closing'),
  );
}

export function encodeUplinkFields(value: Fields): Fields {
  const kind = textOf(value, 'kind');
  if (kind === 'payword') {
    const channel = numberOf(value, 'channel') as ChannelNumber;
    const units = numberOf(value, 'units') as Units;
    return { hex: toHex(writePaywordVoucher(channel, units, octetsOf(value, 'link') as Link)) };
  }
  const write = kind === 'commitment' ? writeCommitment : writeSignedVoucher;
  return { hex: toHex(write(uplinkPayload(value), octetsOf(value, 'signature'))) };
}

export function decodeDownlinkFields(input: Fields, sha256: Sha256): Fields {
  const mac = macFrom(octetsOf(input, 'macKey'), sha256);
  const message = decodeDownlink(octetsOf(input, 'hex'), contextOf(input), mac);
  if (typeof message === 'string') return refused('not-believed', message);
  if (message.kind === 'offer') return offerFields(message);
  if (message.kind === 'piece') return pieceFields(message);
  return message as unknown as Fields; // numbers, booleans and reasons only: JSON as it is
}

export function encodeDownlinkFields(value: Fields, input: Fields, sha256: Sha256): Fields {
  const mac = macFrom(octetsOf(input, 'macKey'), sha256);
  const context = contextOf(input);
  const kind = textOf(value, 'kind');
  if (kind === 'offer' || kind === 'piece') {
    const update = updateFrom(value);
    return { hex: toHex(update.kind === 'offer' ? writeOffer(update, context, mac) : writePiece(update, context, mac)) };
  }
  if (kind === 'grant') {
    const grant = { kind: 'grant' as const, ceilingUnits: numberOf(value, 'ceilingUnits') };
    return { hex: toHex(writeGrant(grant, context, mac)) };
  }
  const channel = numberOf(value, 'channel') as ChannelNumber;
  if (kind === 'receipt') {
    const acceptedUnits = numberOf(value, 'acceptedUnits') as Units;
    const closed = boolOf(value, 'closed');
    const receipt = { kind: 'receipt' as const, channel: channel, acceptedUnits: acceptedUnits, closed: closed };
    return { hex: toHex(writeReceipt(receipt, context, mac)) };
  }
  const reject = {
    kind: 'reject' as const,
    channel: channel,
    units: numberOf(value, 'units'),
    reason: textOf(value, 'reason') as Reason,
    nextChannel: numberOf(value, 'nextChannel') as ChannelNumber,
  };
  return { hex: toHex(writeReject(reject, context, mac)) };
}

export function decodeStatusFields(input: Fields): Fields {
  const status = readStatus(octetsOf(input, 'hex'));
  return typeof status === 'string' ? refused('malformed', status) : (status as unknown as Fields);
}

export function encodeStatusFields(value: Fields): Fields {
  const state = textOf(value, 'state') as State;
  return { hex: toHex(writeStatus(state, numberOf(value, 'channel'), numberOf(value, 'registerUnits'))) };
}

export function tariffFrom(value: Fields): Tariff {
  if (value['kind'] === 'rich') return richTariffFrom(value);
  return {
    currency: textOf(value, 'currency'),
    unit: textOf(value, 'unit'),
    priceMicros: numberOf(value, 'priceMicros') as Micros,
    perUnits: numberOf(value, 'perUnits'),
    validFromSeconds: numberOf(value, 'validFromSeconds'),
    validUntilSeconds: numberOf(value, 'validUntilSeconds'),
  };
}

export function decodeTariffFields(input: Fields): Fields {
  const tariff = readTariff(octetsOf(input, 'hex'));
  if (typeof tariff === 'string') return refused('malformed', tariff);
  return tariff.kind === 'rich' ? richTariffFields(tariff) : (tariff as unknown as Fields);
}

export function encodeTariffFields(value: Fields): Fields {
  return { hex: toHex(writeTariff(tariffFrom(value))) };
}

export function decodeTopicFields(input: Fields): Fields {
  const topic = parseTopic(textOf(input, 'root'), textOf(input, 'topic'));
  return topic === undefined ? refused('not-a-topic', '') : (topic as unknown as Fields);
}

export function encodeTopicFields(value: Fields, input: Fields): Fields {
  const root = textOf(input, 'root');
  return { root: root, topic: topicOf(root, deviceOf(value), textOf(value, 'leaf') as Leaf) };
}
