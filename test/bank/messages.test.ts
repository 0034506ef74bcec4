// The messages to the bank: valid against the official schemas, sums that fit, the same bytes for the same payouts, and nothing outside the EPC's set. In:
// payouts of any names and amounts. Out: XML.

import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkParticular } from '../../hub/particulars.ts';
import type { Destination, Payout, Rail, RailMemory } from '../../hub/rails/rail.ts';
import { destinationOf } from '../../hub/rails/sepa/destination.ts';
import { readXml } from '../../hub/rails/sepa/xml-read.ts';
import { openSepa } from '../../hub/rails/sepa.ts';
import { freshFolder } from '../hub/fixture.ts';
import { BATCH, configOf, FRIDAY_SECONDS, memoryOf, PAYER, payoutOf, schemaFaults } from './bank.ts';

interface Opened {
  readonly rail: Rail;
  readonly folder: string;
  readonly memory: ReturnType<typeof memoryOf>;
}

function open(changes: Readonly<Record<string, unknown>> = {}): Opened {
  const folder = freshFolder();
  return { rail: openSepa(configOf(changes), folder, () => FRIDAY_SECONDS), folder, memory: memoryOf() };
}

async function written({ rail, memory }: Opened, payouts: readonly Payout[]): Promise<string[]> {
  await rail.submit(payouts, memory);
  return rail.filesOf?.(BATCH, memory).map(({ path }) => readFileSync(path, 'utf8')) ?? [];
}

const sumsIn = (xml: string): string[] => [...xml.matchAll(/<CtrlSum>(.*?)<\/CtrlSum>/g)].map((match) => match[1] as string);
const textsIn = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'g'))].map((match) => match[1] as string);

describe('credit transfers, pain.001.001.09', () => {
  it('are valid against the official schema, on the next business day, with the operator in the EPC set', async () => {
    const opened = open();
    const [xml = ''] = await written(opened, [payoutOf(2), payoutOf(1)]);
    expect(schemaFaults('pain.001.001.09', xml)).toEqual([]);
    expect(textsIn(xml, 'Dt')).toEqual(['2026-11-23']); // Monday
    expect(textsIn(xml, 'Nm')).toEqual(['Muller + Sohne Automaten', 'Muller + Sohne Automaten', 'Bob Example', 'Bob Example']);
    expect(textsIn(xml, 'StrtNm')).toEqual(['Hauptstrase']);
    expect(textsIn(xml, 'EndToEndId')).toEqual([payoutOf(1).id, payoutOf(2).id]);
    expect(sumsIn(xml)).toEqual(['3.69', '3.69']);
    expect(opened.rail.filesOf?.(BATCH, opened.memory)).toMatchObject([{ payouts: 2, sumMicros: 3_690_000, currency: 'EUR' }]);
  });

  it('are the bytes of the vector, so that no change of them goes unseen', async () => {
    const [xml = ''] = await written(open(), [payoutOf(1), payoutOf(2)]);
    expect(xml).toBe(readFileSync(join(import.meta.dirname, '..', 'vectors', 'iso20022', 'pain.001.example.xml'), 'utf8'));
  });

  it('go into several files above the message size, each payout into one', async () => {
    const payouts = Array.from({ length: 25 }, (_, i) => payoutOf(i + 1));
    const files = await written(open({ maxTransactions: 10 }), payouts);
    expect(files.map((xml) => textsIn(xml, 'EndToEndId').length)).toEqual([10, 10, 5]);
    expect(files.flatMap((xml) => textsIn(xml, 'EndToEndId'))).toEqual(payouts.map(({ id }) => id));
    expect(new Set(files.flatMap((xml) => textsIn(xml, 'MsgId'))).size).toBe(3);
    for (const xml of files) expect(schemaFaults('pain.001.001.09', xml)).toEqual([]);
  });
});

describe('direct debits, pain.008.001.08', () => {
  it('are valid against the official schema, one block per use of mandates', async () => {
    const debit = (number: number, mandateSequence: string): Payout =>
      payoutOf(number, { direction: 'collect', destination: { ...PAYER, mandateId: `M-${number}`, mandateSequence } });
    const [xml = ''] = await written(open(), [debit(1, 'RCUR'), debit(2, 'FRST'), debit(3, 'OOFF'), debit(4, 'RCUR')]);
    expect(schemaFaults('pain.008.001.08', xml)).toEqual([]);
    expect(textsIn(xml, 'SeqTp')).toEqual(['FRST', 'OOFF', 'RCUR']);
    expect(textsIn(xml, 'ReqdColltnDt')).toEqual(['2026-11-25', '2026-11-25', '2026-11-25']);
    expect(sumsIn(xml)).toEqual(['12.30', '2.46', '3.69', '6.15']);
    expect(textsIn(xml, 'MndtId')).toEqual(['M-2', 'M-3', 'M-1', 'M-4']);
    const [vector = ''] = await written(open(), [debit(1, 'RCUR')]);
    expect(vector).toBe(readFileSync(join(import.meta.dirname, '..', 'vectors', 'iso20022', 'pain.008.example.xml'), 'utf8'));
  });

  it('mark the first of a mandate only once, and refuse the second of a one-off one', async () => {
    const opened = open();
    const debit = (number: number, batch: string, mandateSequence: string): Payout =>
      payoutOf(number, { batch, direction: 'collect', destination: { ...PAYER, mandateId: mandateSequence, mandateSequence } });
    const later = 'b1'.repeat(16);
    const first = [debit(1, BATCH, 'FRST'), debit(2, BATCH, 'OOFF')];
    const second = [debit(3, later, 'FRST'), debit(4, later, 'OOFF')];
    expect([...(await opened.rail.submit(first, opened.memory)).values()].map(({ kind }) => kind)).toEqual(['sent', 'sent']);
    const submitSecond = async (): Promise<string[]> =>
      [...(await opened.rail.submit(second, opened.memory)).values()].map(({ kind }) => kind);
    expect(await submitSecond()).toEqual(['sent', 'rejected']);
    expect(await submitSecond()).toEqual(['sent', 'rejected']);
    const [file] = opened.rail.filesOf?.(later, opened.memory) ?? [];
    expect(textsIn(readFileSync(file?.path ?? '', 'utf8'), 'SeqTp')).toEqual(['RCUR']);
    expect(file?.payouts).toBe(1);
  });
});

describe('any payouts', () => {
  const particulars = fc.record(
    {
      holder: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).map((text) => `A ${text}`),
      street: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).map((text) => `S ${text}`),
      postcode: fc.stringMatching(/^\d{5}$/),
    },
    { requiredKeys: ['holder'] },
  );

  it('make a message that the schema takes, whatever their names', async () => {
    const opened = open();
    let number = 1;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(particulars, fc.integer({ min: 1, max: 99_999_999_999 })), { minLength: 1, maxLength: 5 }),
        async (all) => {
          const batch = (number * 1000).toString(16).padEnd(32, 'f');
          const payouts = all.map(([texts, cents]) =>
            payoutOf(number++, { batch, amountMicros: cents * 10_000, destination: frozen(texts) }),
          );
          await opened.rail.submit(payouts, opened.memory);
          const [file] = opened.rail.filesOf?.(batch, opened.memory) ?? [];
          const xml = readFileSync(file?.path ?? '', 'utf8');
          expect(schemaFaults('pain.001.001.09', xml)).toEqual([]);
          expect(typeof readXml(Buffer.from(xml))).toBe('object');
          const cents = all.reduce((sum, [, one]) => sum + BigInt(one), 0n);
          expect(sumsIn(xml)[0]).toBe(`${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`);
        },
      ),
      { numRuns: 60 },
    );
  });

  function frozen(texts: { holder: string; street?: string; postcode?: string }): Destination {
    const holder = checkParticular('holder', texts.holder.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ''));
    const kept = typeof holder === 'string' ? 'A' : holder.kept;
    const address =
      texts.street === undefined ? {} : { street: texts.street, town: 'Ort', country: 'DE', postcode: texts.postcode ?? '1' };
    const destination = destinationOf(configOf(), { ...address, holder: kept, iban: 'DE02120300000000202051' }, 'pay');
    if (typeof destination === 'string') throw new Error(destination);
    return destination;
  }

  it('again, or some of them again, change no file and make no other', async () => {
    const opened = open();
    const payouts = [payoutOf(1), payoutOf(2), payoutOf(3)];
    const [before] = await written(opened, payouts);
    const later = openSepa(configOf(), opened.folder, () => FRIDAY_SECONDS + 9 * 86_400);
    await later.submit(payouts, opened.memory);
    await later.submit(payouts.slice(1), opened.memory);
    const [after, ...others] = await written({ ...opened, rail: later }, payouts);
    expect(after).toBe(before);
    expect(others).toEqual([]);
  });

  it('lie there for their carrier only once: not before they are noted as ready, and not again after they were carried away', async () => {
    const { rail, folder, memory } = open();
    const shown = (): string[] => readdirSync(join(folder, 'settlements')).filter((name) => name.endsWith('.xml'));
    const dying: RailMemory = {
      ...memory,
      put(key, value) {
        if (key.startsWith('ready')) throw new Error('the process ends here');
        memory.put(key, value);
      },
    };
    await expect(rail.submit([payoutOf(1)], dying)).rejects.toThrow('ends here');
    expect(shown()).toEqual([]);
    await rail.submit([payoutOf(1)], memory);
    expect(shown()).toEqual([`${BATCH}.pain.001.xml`]);
    rmSync(join(folder, 'settlements', `${BATCH}.pain.001.xml`));
    await rail.submit([payoutOf(1)], memory);
    expect(shown()).toEqual([]);
  });

  it('make the same bytes after a crash between the plan and the file, however late', async () => {
    const opened = open();
    const [before] = await written(opened, [payoutOf(1), payoutOf(2)]);
    const elsewhere = {
      ...open(),
      memory: memoryOf(new Map([...opened.memory.kept].filter(([key]) => !key.startsWith('ready')))),
    };
    const late = openSepa(configOf(), elsewhere.folder, () => FRIDAY_SECONDS + 5 * 86_400);
    const [after] = await written({ ...elsewhere, rail: late }, [payoutOf(2), payoutOf(1)]);
    expect(after).toBe(before);
  });

  it.each<[string, Partial<Payout>]>([
    ['another currency', { currency: 'USD' }],
    ['a fraction of a cent', { amountMicros: 10_001 }],
    ['nothing', { amountMicros: 0 }],
    ['more than the scheme moves', { amountMicros: 1_000_000_000_000_000 }],
  ])('throw for %s, and nothing is written down', async (_what, changes) => {
    const { rail, memory } = open();
    await expect(rail.submit([payoutOf(1), payoutOf(2, changes)], memory)).rejects.toThrow('expected');
    expect(memory.kept.size).toBe(0);
  });
});
