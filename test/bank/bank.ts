// A bank account for tests, payouts, a rail's memory, and the official schemas. In: what differs. Out: parts to build a message from.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { XmlDocument, XmlValidateError, XsdValidator } from 'libxml2-wasm';
import type { Destination, Direction, Payout, PayoutId, RailMemory } from '../../hub/rails/rail.ts';
import type { SepaConfig } from '../../hub/rails/sepa.ts';
import { sepaSchema } from '../../hub/rails/sepa.ts';

/** 2026-11-20, a Friday, noon in Berlin. */
export const FRIDAY_SECONDS = Date.UTC(2026, 10, 20, 11) / 1000;
export const BATCH = 'b0'.repeat(16);

export function configOf(changes: Readonly<Record<string, unknown>> = {}): SepaConfig {
  return sepaSchema.parse({
    name: 'Müller & Söhne Automaten',
    iban: 'DE02 1203 0000 0000 2020 51',
    bic: 'BYLADEM1001',
    address: { street: 'Hauptstraße', building: '1a', postcode: '10115', town: 'Berlin', country: 'DE' },
    creditorId: 'DE98ZZZ09999999999',
    ...changes,
  });
}

export const PAYEE: Destination = { holder: 'Bob Example', iban: 'AT611904300234573201' };
export const PAYER: Destination = {
  holder: 'Alice Example',
  iban: 'DE87123456781234567890',
  mandateId: 'M-1',
  mandateSignedOn: '2026-01-31',
  mandateSequence: 'RCUR',
};

export function payoutOf(number: number, changes: Partial<Payout> = {}): Payout {
  const direction: Direction = changes.direction ?? 'pay';
  return {
    id: number.toString(16).padStart(32, '0') as PayoutId,
    batch: BATCH,
    direction,
    account: `account ${number}`,
    currency: 'EUR',
    amountMicros: number * 1_230_000,
    destination: direction === 'pay' ? PAYEE : PAYER,
    createdAtSeconds: FRIDAY_SECONDS - 3600,
    ...changes,
  };
}

export function memoryOf(kept = new Map<string, string>()): RailMemory & { readonly kept: Map<string, string> } {
  return { kept, get: (key) => kept.get(key), put: (key, value) => void kept.set(key, value) };
}

/** What the official schema says against a message; empty when it is valid. */
export function schemaFaults(name: string, xml: string): string[] {
  const schema = XmlDocument.fromBuffer(readFileSync(join(import.meta.dirname, '..', 'vectors', 'iso20022', `${name}.xsd`)));
  const validator = XsdValidator.fromDoc(schema);
  const document = XmlDocument.fromString(xml);
  try {
    validator.validate(document);
    return [];
  } catch (error) {
    if (error instanceof XmlValidateError) return error.details.map(({ message }) => message);
    throw error;
  } finally {
    document.dispose();
    validator.dispose();
    schema.dispose();
  }
}
