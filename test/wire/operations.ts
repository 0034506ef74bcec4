// The wire as a table of named operations from JSON to JSON (bytes as hex), so that one set of vectors can be put to any implementation. Written in
// the Espruino subset, because this very file is bundled for the interpreter too. It must add no judgement of its own: each operation calls shared/.

import type { Sha256 } from '../../shared/bytes.ts';
import { fromBase64url, fromHex, toBase64url, toHex } from '../../shared/bytes.ts';
import { MAX_SAFE, readArray, readBool, readBytesWithin, readEnd, readerOf, readText, readUint } from '../../shared/cbor.ts';
import type { Purpose } from '../../shared/cose.ts';
import { macBytes, PROTOCOL, signedBytes } from '../../shared/cose.ts';
import { accountIdOf, deviceBytesOf, deviceIdOf, hubIdOf, parseDeviceId } from '../../shared/identity.ts';
import { fileDigest, MAX_FIRMWARE_BYTES, MAX_FIRMWARE_VERSION, PIECE_BYTES } from '../../shared/offer.ts';
import type { Link } from '../../shared/payword.ts';
import { chainSalt, LINK_BYTES, linkBefore, linkReaches } from '../../shared/payword.ts';
import { actionOf, REASONS } from '../../shared/reject.ts';
import { STATES } from '../../shared/status.ts';
import { MAX_PER_UNITS, MAX_PRICE_MICROS } from '../../shared/price.ts';
import type { FlatTariff } from '../../shared/tariff.ts';
import { amountOf, tariffIdOf } from '../../shared/tariff.ts';
import { DEFAULT_ROOT, isRoot } from '../../shared/topics.ts';
import type { ChannelNumber, Units } from '../../shared/units.ts';
import { MAX_AMOUNT_MICROS, MAX_CHAIN_UNITS, MAX_CHANNEL_NUMBER, MAX_GAP_UNITS, MAX_UNITS } from '../../shared/units.ts';
import { MAX_MESSAGE_BYTES } from '../../shared/uplink.ts';
import {
  decodeDownlinkFields,
  decodeStatusFields,
  decodeTariffFields,
  decodeTopicFields,
  decodeUplinkFields,
  encodeDownlinkFields,
  encodeStatusFields,
  encodeTariffFields,
  encodeTopicFields,
  encodeUplinkFields,
  macFrom,
  refused,
  tariffFrom,
} from './codecs.ts';
import type { Fields } from './fields.ts';
import { askTariff } from './rich-tariff-codec.ts';
import { contextOf, deviceOf, numberOf, octetsOf, textOf } from './fields.ts';
import { decodeReportFields, encodeReportFields, offerStructure } from './update-codecs.ts';

function readCbor(input: Fields): Fields {
  const r = readerOf(octetsOf(input, 'hex'));
  const wanted = textOf(input, 'as');
  let value: unknown;
  if (wanted === 'uint') value = readUint(r, wanted, numberOf(input, 'min'), numberOf(input, 'max'));
  if (wanted === 'bytes') value = toHex(readBytesWithin(r, wanted, numberOf(input, 'min'), numberOf(input, 'max')));
  if (wanted === 'text') value = readText(r, wanted, numberOf(input, 'min'), numberOf(input, 'max'));
  if (wanted === 'bool') value = readBool(r, wanted);
  if (wanted === 'array') {
    readArray(r, wanted, numberOf(input, 'length'));
    value = numberOf(input, 'length');
  }
  readEnd(r);
  return r.fault === '' ? { value: value } : refused('malformed', r.fault);
}

function coseStructure(name: string, input: Fields, sha256: Sha256): Fields {
  const purpose = numberOf(input, 'purpose') as Purpose;
  const build = name === 'sig-structure' ? signedBytes : macBytes;
  const structure = build(purpose, contextOf(input), octetsOf(input, 'payload'));
  if (name === 'tag') return { tag: toHex(macFrom(octetsOf(input, 'macKey'), sha256)(structure)) };
  return { hex: toHex(structure) };
}

/** Links from the chain's last one down to the anchor; gives the links at the wanted indexes. */
function walkChain(input: Fields, sha256: Sha256): Fields {
  const salt = chainSalt(deviceOf(input), numberOf(input, 'channel') as ChannelNumber);
  const wanted = input['indexes'] as readonly number[];
  let at = octetsOf(input, 'last') as Link;
  const links: string[] = [];
  for (let index = numberOf(input, 'chainUnits'); index >= 0; index--) {
    if (wanted.includes(index)) links.push(toHex(at));
    if (index > 0) at = linkBefore(salt, index - 1, at, sha256);
  }
  return { links: links };
}

function reaches(input: Fields, sha256: Sha256): Fields {
  const salt = chainSalt(deviceOf(input), numberOf(input, 'channel') as ChannelNumber);
  const link = octetsOf(input, 'link') as Link;
  const known = octetsOf(input, 'known') as Link;
  return { reaches: linkReaches(salt, link, numberOf(input, 'units'), known, numberOf(input, 'knownUnits'), sha256) };
}

function identify(name: string, input: Fields, sha256: Sha256): Fields {
  if (name === 'device-id') return { device: deviceIdOf(octetsOf(input, 'publicKey'), sha256) };
  if (name === 'hub-id') return { hub: toHex(hubIdOf(octetsOf(input, 'publicKey'), sha256)) };
  if (name === 'account-id') return { account: toHex(accountIdOf(textOf(input, 'name'), sha256)) };
  if (name === 'tariff-id') return { tariff: toHex(tariffIdOf(tariffFrom(input), sha256)) };
  const device = parseDeviceId(textOf(input, 'text'));
  return device === undefined ? refused('not-a-device-id', '') : { hex: toHex(deviceBytesOf(device)) };
}

function textForm(name: string, input: Fields): Fields {
  if (name === 'encode-base64url') return { text: toBase64url(octetsOf(input, 'hex')) };
  const bytes = name === 'decode-base64url' ? fromBase64url(textOf(input, 'text')) : fromHex(textOf(input, 'text'));
  return bytes === undefined ? refused('not-' + name.substring(7), '') : { hex: toHex(bytes) };
}

function price(input: Fields): Fields {
  const amountMicros = amountOf(tariffFrom(input) as FlatTariff, numberOf(input, 'units') as Units);
  return amountMicros === undefined ? refused('above-maximum', '') : { amountMicros: amountMicros };
}

function listReasons(): Fields {
  const rows: Fields[] = [];
  for (let code = 0; code < REASONS.length; code++) {
    const reason = REASONS[code] as (typeof REASONS)[number];
    rows.push({ code: code, reason: reason, action: actionOf(reason) });
  }
  return { reasons: rows };
}

function listConstants(): Fields {
  return {
    PROTOCOL: PROTOCOL,
    MAX_MESSAGE_BYTES: MAX_MESSAGE_BYTES,
    MAX_SAFE: MAX_SAFE,
    MAX_CHANNEL_NUMBER: MAX_CHANNEL_NUMBER,
    MAX_UNITS: MAX_UNITS,
    MAX_CHAIN_UNITS: MAX_CHAIN_UNITS,
    MAX_GAP_UNITS: MAX_GAP_UNITS,
    MAX_FIRMWARE_VERSION: MAX_FIRMWARE_VERSION,
    MAX_FIRMWARE_BYTES: MAX_FIRMWARE_BYTES,
    PIECE_BYTES: PIECE_BYTES,
    LINK_BYTES: LINK_BYTES,
    MAX_PRICE_MICROS: MAX_PRICE_MICROS,
    MAX_PER_UNITS: MAX_PER_UNITS,
    MAX_AMOUNT_MICROS: MAX_AMOUNT_MICROS,
    DEFAULT_ROOT: DEFAULT_ROOT,
    STATES: STATES,
  };
}

export function operate(name: string, input: Fields, sha256: Sha256): Fields {
  switch (name) {
    case 'decode-uplink':
      return decodeUplinkFields(input);
    case 'decode-downlink':
      return decodeDownlinkFields(input, sha256);
    case 'decode-report':
      return decodeReportFields(input);
    case 'offer-structure':
      return offerStructure(input);
    case 'file-digest':
      return { digest: toHex(fileDigest(octetsOf(input, 'hex'), sha256)) };
    case 'decode-status':
      return decodeStatusFields(input);
    case 'decode-tariff':
      return decodeTariffFields(input);
    case 'decode-topic':
      return decodeTopicFields(input);
    case 'read-cbor':
      return readCbor(input);
    case 'sig-structure':
    case 'mac-structure':
    case 'tag':
      return coseStructure(name, input, sha256);
    case 'chain':
      return walkChain(input, sha256);
    case 'reaches':
      return reaches(input, sha256);
    case 'device-id':
    case 'parse-device-id':
    case 'hub-id':
    case 'account-id':
    case 'tariff-id':
      return identify(name, input, sha256);
    case 'encode-base64url':
    case 'decode-base64url':
    case 'decode-hex':
      return textForm(name, input);
    case 'is-root':
      return { root: isRoot(textOf(input, 'text')) };
    case 'amount':
      return price(input);
    case 'charge':
    case 'charge-at-most':
    case 'tax':
    case 'element-at':
    case 'cheapest':
      return askTariff(name, input);
    case 'reasons':
      return listReasons();
    case 'constants':
      return listConstants();
    default:
      return refused('unknown-operation', name);
  }
}

/** The input again from a decoder's output: what canonicality is checked with. */
export function encode(name: string, input: Fields, output: Fields, sha256: Sha256): Fields {
  switch (name) {
    case 'decode-uplink':
      return encodeUplinkFields(output);
    case 'decode-downlink':
      return encodeDownlinkFields(output, input, sha256);
    case 'decode-report':
      return encodeReportFields(output);
    case 'decode-status':
      return encodeStatusFields(output);
    case 'decode-tariff':
      return encodeTariffFields(output);
    case 'decode-topic':
      return encodeTopicFields(output, input);
    default:
      return refused('unknown-operation', name);
  }
}
