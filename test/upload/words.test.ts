// What needs no board: ports as people type them, questions and answers in a console's noise, and what a board's counters mean.

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Counters } from '../../device/upload/counters.ts';
import { answerIn, linesIn, questionLine } from '../../device/upload/dialogue.ts';
import { judge } from '../../device/upload/follow.ts';
import { nameOf, parsePort } from '../../device/upload/port.ts';
import { versionNumber } from '../../device/upload/probe.ts';
import { digestOf } from '../../device/upload/upload.ts';
import { exampleConfig } from '../device/stand-in-hub.ts';

describe('a port', () => {
  test.each([
    ['tcp://10.0.0.7:2323', { kind: 'tcp', host: '10.0.0.7', port: 2323 }],
    ['tcp://lobby.local', { kind: 'tcp', host: 'lobby.local', port: 23 }],
    ['tcp://[fe80::1]:2323', { kind: 'tcp', host: 'fe80::1', port: 2323 }],
    ['/dev/ttyUSB0', { kind: 'serial', path: '/dev/ttyUSB0', baud: 115200 }],
    ['COM3', { kind: 'serial', path: 'COM3', baud: 115200 }],
  ])('%s', (text, port) => {
    expect(parsePort(text)).toEqual(port);
  });

  test.each(['', 'tcp://', 'tcp://host:0', 'tcp://host:65536', 'tcp://host:port', 'tcp://a:1:2', 'http://host:80'])(
    '"%s" is refused with what was expected',
    (text) => {
      expect(parsePort(text)).toMatch(/^expected tcp:\/\/HOST:PORT/);
    },
  );

  test('has the name that was typed', () => {
    for (const text of ['tcp://10.0.0.7:2323', 'tcp://[fe80::1]:9', '/dev/ttyACM1']) {
      const port = parsePort(text);
      expect(typeof port === 'string' ? port : nameOf(port)).toBe(text);
    }
  });
});

describe('question and answer', () => {
  const said = (id: number, value: unknown): string => `<<ts${id}:${JSON.stringify({ v: value })}:ts${id}>>`;

  test('a value is found in any noise before and after it, and only whole', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), fc.string(), fc.nat(), (value, before, after, id) => {
        const text = said(id, value);
        const noise = before.replaceAll('<<ts', '');
        expect(answerIn(noise + text + after, id)).toEqual({
          kind: 'value',
          value: JSON.parse(JSON.stringify(value)) as unknown,
        });
        expect(answerIn(noise + text.slice(0, -1), id)).toBeUndefined();
      }),
    );
  });

  test('an echo of the question is no answer', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), (id, expression) => {
        expect(answerIn(questionLine(id, JSON.stringify(expression)), id)).toBeUndefined();
      }),
    );
  });

  test('another question’s answer is none', () => {
    expect(answerIn(said(1, 1) + said(2, 2), 12)).toBeUndefined();
    expect(answerIn(said(1, 1) + said(12, 2), 12)).toEqual({ kind: 'value', value: 2 });
  });

  test('an exception comes back as its message, a torn answer not at all', () => {
    expect(answerIn('<<ts3:{"e":"no such thing"}:ts3>>', 3)).toEqual({ kind: 'error', message: 'no such thing' });
    expect(answerIn('<<ts3:{"v":"a:ts3>>', 3)).toBeUndefined();
  });

  test('the firmware’s lines are told from the rest', () => {
    expect(linesIn('>\r\x1b[Jtallystick: connected to h\r\n>other\r\ntallystick: offl')).toEqual(['connected to h']);
  });
});

describe('the digest', () => {
  test('of one piece is its SHA-256; every byte and the order count', () => {
    expect(digestOf('abc')).toBe(createHash('sha256').update('abc').digest('base64'));
    const code = 'x'.repeat(3000);
    const seen = new Set([code, code + 'x', 'y' + code.slice(1), code.slice(0, 2999) + 'y'].map(digestOf));
    expect(seen.size).toBe(4);
  });
});

test('versions compare as numbers', () => {
  expect(versionNumber('2v29.277')).toBeGreaterThan(versionNumber('2v29'));
  expect(versionNumber('2v15')).toBeGreaterThan(versionNumber('2v08.190'));
  expect(versionNumber('1v99')).toBeLessThan(versionNumber('2v00'));
  expect(versionNumber('10')).toBeNaN();
});

describe('what a board says means', () => {
  const config = exampleConfig(1883, { wifi: { ssid: 'cellar', password: 'p' } });
  const counters = (changes: Partial<Counters>): Counters => ({
    state: 'serving',
    reason: '',
    registerUnits: 0,
    channel: 1,
    issuedUnits: 0,
    acceptedUnits: 0,
    uncoveredUnits: 0,
    sentVouchers: 0,
    receipts: 0,
    rejects: 0,
    closed: false,
    freeVariables: 1,
    totalVariables: 2,
    ...changes,
  });
  const offline = (reason: string): Counters => counters({ state: 'offline', reason });

  test.each([
    ['waiting', 'no-wifi', offline('joining the network'), /^no Wi-Fi: .*"cellar"/],
    ['waiting', 'hub-unreachable', offline('could not connect to 10.0.0.1:1883'), /^hub not reachable: could not connect/],
    ['waiting', 'hub-unreachable', offline('no answer from 10.0.0.1:1883'), /^hub not reachable: no answer/],
    ['waiting', 'hub-unreachable', offline('the hub refused the connection: hub not ready'), /not ready/],
    ['waiting', 'wrong-clock', offline('could not connect to h:8883; wrong clock: configure --sntp'), /^wrong clock: .*--sntp/],
    ['hopeless', 'credentials-refused', offline('the hub refused the connection: user name or password'), /^key not enrolled/],
    [
      'hopeless',
      'hub-refuses',
      counters({ state: 'stopped', reason: 'the hub refuses channel 1: unknown-payee' }),
      /unknown-payee/,
    ],
    ['hopeless', 'wrong-secrets', counters({ reason: 'the hub answers with another MAC key' }), /^wrong secrets: .*MAC key/],
    ['waiting', 'board-fault', counters({ state: 'fault', reason: 'no memory for a hash' }), /no memory for a hash/],
    ['waiting', 'no-receipt', counters({}), /waits for its first receipt/],
  ] as const)('%s, %s', (kind, failure, at, sentence) => {
    expect(judge(at, [], config)).toEqual({ kind, failure, sentence: expect.stringMatching(sentence) as string });
  });

  test('a receipt ends the waiting, whatever else is wrong', () => {
    expect(judge(offline('joining the network'), [], config).kind).toBe('waiting');
    const paid = counters({ state: 'offline', reason: 'joining the network', receipts: 1 });
    expect(judge(paid, [], config)).toEqual({ kind: 'paid', counters: paid });
  });

  test('no firmware: its last words count', () => {
    expect(judge(undefined, ['offline: x'], config)).toMatchObject({ kind: 'waiting', failure: 'no-firmware' });
    for (const word of ['uncaught', 'cannot start']) {
      expect(judge(undefined, [`${word}: no settings in ts.cfg`], config)).toMatchObject({
        kind: 'hopeless',
        failure: 'firmware-stopped',
        sentence: expect.stringMatching(/stopped at its start: no settings/) as string,
      });
    }
  });
});
