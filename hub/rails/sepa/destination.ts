// Where a bank sends money to, or takes it from. In: an account's particulars. Out: name, account, address and mandate as they are written into the message,
// or a sentence that begins with the particular that is missing or wrong. It is frozen with the payout: what is on the file is what was agreed.

import { isSEPACountry } from 'ibantools';
import type { Particulars } from '../../particulars.ts';
import type { Destination, Direction } from '../rail.ts';
import { inEpcSet } from './characters.ts';
import type { SepaConfig } from './config.ts';

/** Inside the European Economic Area the IBAN alone is enough. */
const EEA = new Set('AT BE BG HR CY CZ DK EE FI FR DE GR HU IS IE IT LV LI LT LU MT NL NO PL PT RO SK SI ES SE'.split(' '));

const ADDRESS = [
  ['street', 70],
  ['building', 16],
  ['postcode', 16],
  ['town', 35],
  ['country', 2],
] as const;

export function destinationOf(config: SepaConfig, particulars: Particulars, direction: Direction): Destination | string {
  const account = accountIn(particulars);
  if (typeof account === 'string') return account;
  const address = addressIn(particulars);
  if (typeof address === 'string') return address;
  const isOutside = !EEA.has((account['iban'] ?? '').slice(0, 2));
  if (isOutside && account['bic'] === undefined)
    return 'bic: expected the BIC of a bank outside the European Economic Area, got none';
  if (direction === 'pay') return { ...account, ...address };
  if (config.creditorId === undefined)
    return 'creditorId: expected the operator to have one in the configuration of the rail, found none';
  if (isOutside && address['country'] === undefined)
    return 'town: expected the address of a payer whose bank is outside the European Economic Area, got none';
  const mandate = mandateIn(particulars);
  return typeof mandate === 'string' ? mandate : { ...account, ...address, ...mandate };
}

function accountIn({ holder, iban, bic }: Particulars): Destination | string {
  if (holder === undefined) return 'holder: expected the name on the bank account, got none';
  const name = inEpcSet(holder, 70);
  if (!/[A-Za-z0-9]/.test(name)) return `holder: expected a name that can be written in letters from a to z, got "${holder}"`;
  if (iban === undefined) return 'iban: expected the IBAN of the bank account, got none';
  if (!isSEPACountry(iban.slice(0, 2))) return `iban: expected an account in a country of SEPA, got one in ${iban.slice(0, 2)}`;
  return { holder: name, iban, ...(bic === undefined ? {} : { bic }) };
}

/** Structured or none at all: unstructured ones are refused from November 2026 on. */
function addressIn(particulars: Particulars): Destination | string {
  const given = ADDRESS.flatMap(([field, max]) => {
    const text = particulars[field] === undefined ? '' : inEpcSet(particulars[field], max);
    return text === '' ? [] : [[field, text] as const];
  });
  if (given.length === 0) return {};
  const address = Object.fromEntries(given);
  for (const field of ['town', 'country'])
    if (address[field] === undefined)
      return `${field}: expected a town and a country in an address, or no address at all, got none`;
  return address;
}

function mandateIn({ mandateId, mandateSignedOn, mandateSequence = 'RCUR' }: Particulars): Destination | string {
  if (mandateId === undefined) return 'mandateId: expected the reference of the mandate that the payer has signed, got none';
  if (mandateSignedOn === undefined) return 'mandateSignedOn: expected the day on which the mandate was signed, got none';
  return { mandateId, mandateSignedOn, mandateSequence };
}
