// Vectors of names: ids, topics, roots, the text forms of bytes, and the constants. Expected values come from node:crypto and Buffer, or are
// written down by hand.

import type { Case, VectorFile } from './cases.ts';
import { device, deviceBytes, devicePublic, hexOf, hubBytes, hubPublic, payee } from './parties.ts';
import { STATE_NAMES } from './vectors-status.ts';

function parsed(text: string, name: string, hex: string | undefined): Case {
  const output = hex === undefined ? { refusal: 'not-a-device-id', detail: '' } : { hex };
  return { name, rule: 'W-5', operation: 'parse-device-id', input: { text }, output };
}

function decodedText(operation: string, name: string, text: string, hex: string | undefined): Case {
  const output = hex === undefined ? { refusal: 'not-' + operation.substring(7), detail: '' } : { hex };
  return { name: `${operation}: ${name}`, rule: 'W-5', operation, input: { text }, output };
}

const ALL = Buffer.from(Uint8Array.from({ length: 256 }, (_, i) => i));

export const ids: VectorFile = {
  about: 'Ids [W-5]: device, hub and account ids; the text forms of bytes',
  cases: [
    { name: 'device id', rule: 'W-5', operation: 'device-id', input: { publicKey: hexOf(devicePublic) }, output: { device } },
    {
      name: 'hub id',
      rule: 'W-5',
      operation: 'hub-id',
      input: { publicKey: hexOf(hubPublic) },
      output: { hub: hexOf(hubBytes) },
    },
    {
      name: 'account id',
      rule: 'W-5',
      operation: 'account-id',
      input: { name: 'waterworks' },
      output: { account: hexOf(payee) },
    },
    parsed(device, 'the example device', hexOf(deviceBytes)),
    parsed('AAAAAAAAAAA', 'eight zero bytes', '00'.repeat(8)),
    parsed('__________8', 'eight bytes of 255', 'ff'.repeat(8)),
    parsed('_________-8', 'both special characters', 'ffffffffffffffef'),
    parsed('AAAAAAAAAAB', 'left-over bits that are not zero', undefined),
    parsed('AAAAAAAAAA', 'ten characters', undefined),
    parsed('AAAAAAAAAAAA', 'twelve characters', undefined),
    parsed('AAAAAAAAAA=', 'padding', undefined),
    parsed('AAAAAAAAA+A', 'the other alphabet (+)', undefined),
    parsed('AAAAAAAAA/A', 'the other alphabet (/)', undefined),
    parsed('AAAAA AAAAA', 'a space', undefined),
    parsed('AAAAAAAAA#A', 'a wildcard', undefined),
    parsed('', 'no characters', undefined),
    ...[0, 1, 2, 3, 256].map((length): Case => {
      const bytes = ALL.subarray(0, length);
      const output = { text: bytes.toString('base64url') };
      return {
        name: `encode-base64url: ${length} bytes`,
        rule: 'W-5',
        operation: 'encode-base64url',
        input: { hex: bytes.toString('hex') },
        output,
      };
    }),
    decodedText('decode-base64url', 'one byte', '_w', 'ff'),
    decodedText('decode-base64url', 'all bytes', ALL.toString('base64url'), ALL.toString('hex')),
    decodedText('decode-base64url', 'a length no encoder gives', 'AAAAA', undefined),
    decodedText('decode-base64url', 'four left-over bits', '_x', undefined),
    decodedText('decode-base64url', 'two left-over bits', '__9', undefined),
    decodedText('decode-hex', 'all bytes', ALL.toString('hex'), ALL.toString('hex')),
    decodedText('decode-hex', 'an odd length', '0', undefined),
    decodedText('decode-hex', 'capital letters', 'FF', undefined),
    decodedText('decode-hex', 'a foreign character', '0g', undefined),
  ],
};

function topicCase(root: string, leaf: string): Case {
  return {
    name: `${leaf} under ${root}`,
    rule: 'W-6',
    operation: 'decode-topic',
    input: { root, topic: `${root}/${device}/${leaf}` },
    output: { device, leaf },
  };
}

function notTopic(name: string, topic: string): Case {
  return {
    name,
    rule: 'W-6',
    operation: 'decode-topic',
    input: { root: 't', topic },
    output: { refusal: 'not-a-topic', detail: '' },
  };
}

function rootCase(text: string, root: boolean): Case {
  return { name: `root '${text}'`, rule: 'W-6', operation: 'is-root', input: { text }, output: { root } };
}

export const topics: VectorFile = {
  about: 'Topics [W-6]: <root>/<device>/up, down or status, and nothing else',
  cases: [
    ...['up', 'down', 'status'].map((leaf) => topicCase('t', leaf)),
    topicCase('tally001', 'up'),
    notTopic('another root', `u/${device}/up`),
    notTopic('another leaf', `t/${device}/upp`),
    notTopic('a leaf in capitals', `t/${device}/UP`),
    notTopic('no leaf', `t/${device}`),
    notTopic('an empty leaf', `t/${device}/`),
    notTopic('a fourth level', `t/${device}/up/x`),
    notTopic('a slash behind', `t/${device}/up/`),
    notTopic('a slash in front', `/t/${device}/up`),
    notTopic('a wildcard for the device', 't/+/up'),
    notTopic('a wildcard for the rest', `t/${device}/#`),
    notTopic('a device id with left-over bits', 't/AAAAAAAAAAB/up'),
    notTopic('a device id of ten characters', 't/AAAAAAAAAA/up'),
    notTopic("the broker's own", '$SYS/broker/clients'),
    notTopic('a shared subscription', `$share/g/t/${device}/up`),
    notTopic('no characters', ''),
    rootCase('t', true),
    rootCase('tally001', true),
    ...['', 'tally0012', 'T', 't/u', '$t', '+', '#', 't-1', 't t'].map((text) => rootCase(text, false)),
  ],
};

export const constants: VectorFile = {
  about: 'The constants of the wire',
  cases: [
    {
      name: 'all',
      rule: 'W-28',
      operation: 'constants',
      input: {},
      output: {
        PROTOCOL: 'tallystick/1',
        MAX_MESSAGE_BYTES: 512,
        MAX_SAFE: Number.MAX_SAFE_INTEGER,
        MAX_CHANNEL_NUMBER: 4294967295,
        MAX_UNITS: 4294967295,
        MAX_CHAIN_UNITS: 65535,
        MAX_GAP_UNITS: 1024,
        MAX_FIRMWARE_VERSION: 99_999_999,
        MAX_FIRMWARE_BYTES: 65_532,
        PIECE_BYTES: 256,
        LINK_BYTES: 16,
        MAX_PRICE_MICROS: 1_000_000_000,
        MAX_PER_UNITS: 1_000_000,
        MAX_AMOUNT_MICROS: 9_000_000_000_000_000,
        DEFAULT_ROOT: 't',
        STATES: STATE_NAMES,
      },
    },
  ],
};
