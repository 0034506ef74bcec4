// Particulars: what is known of the person behind an account, field by field, and where rails send money to. In: a field's name and a text. Out: the text
// as it is kept, or a sentence. The list is closed: what is not on it is not kept. A particular must never get into the books.

import { electronicFormatIBAN, isValidBIC, validateIBAN, ValidationErrorsIBAN } from 'ibantools';

/** The kept form, or what was expected. */
type Checker = (text: string) => { readonly kept: string } | { readonly expected: string };

/** Any letters, digits and signs, without controls: rails write them as their character sets allow. */
const words =
  (max: number): Checker =>
  (text) => {
    const kept = text.normalize('NFC').trim();
    const isText = /^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(kept) && [...kept].length <= max;
    return isText ? { kept } : { expected: `1 to ${max} characters on one line` };
  };

const pattern =
  (shape: RegExp, expected: string, kept: (text: string) => string = (text) => text): Checker =>
  (text) =>
    shape.test(kept(text)) ? { kept: kept(text) } : { expected };

const capitals = (text: string): string => text.toUpperCase();

const EMAIL = /^[^\s@<>"]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?$/i;

function iban(text: string): ReturnType<Checker> {
  const kept = electronicFormatIBAN(text) ?? '';
  const { valid, errorCodes } = validateIBAN(kept);
  if (valid) return { kept };
  const [code] = errorCodes;
  if (code === ValidationErrorsIBAN.WrongIBANChecksum)
    return { expected: 'an IBAN whose check digits fit; compare it digit by digit' };
  if (code === ValidationErrorsIBAN.WrongBBANLength) return { expected: `an IBAN as long as those of ${kept.slice(0, 2)} are` };
  return { expected: 'an IBAN such as DE02 1203 0000 0000 2020 51' };
}

function bic(text: string): ReturnType<Checker> {
  const kept = capitals(text.replaceAll(' ', ''));
  return isValidBIC(kept) ? { kept } : { expected: 'a BIC of 8 or 11 characters, such as BYLADEM1001' };
}

function day(text: string): ReturnType<Checker> {
  const atMs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  const isDay = !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text);
  return isDay ? { kept: text } : { expected: 'a day such as 2026-11-21' };
}

/** How a mandate may be used: once, or again and again; `FRST` for banks that still want the first collection marked. */
const MANDATE_SEQUENCES = ['RCUR', 'FRST', 'OOFF', 'FNAL'] as const;

const CHECKERS = {
  /** The name on the bank account. */
  holder: words(70),
  street: words(70),
  building: words(16),
  postcode: words(16),
  town: words(35),
  country: pattern(/^[A-Z]{2}$/, 'a country as two letters, such as DE', capitals),
  iban,
  bic,
  /** Under which the payer has allowed direct debits: the set that every bank takes. */
  mandateId: pattern(
    /^(?!\/)(?!.*\/\/)[A-Za-z0-9+?/:().,'-]{1,35}(?<!\/)$/,
    "1 to 35 letters, digits and +?/:().,'- without // and no / at either end",
  ),
  mandateSignedOn: day,
  mandateSequence: pattern(
    new RegExp(`^(?:${MANDATE_SEQUENCES.join('|')})$`),
    `one of ${MANDATE_SEQUENCES.join(', ')}`,
    capitals,
  ),
  email: pattern(EMAIL, 'an e-mail address'),
  phone: pattern(/^\+[1-9]\d{6,14}$/, 'a number such as +4930123456', (text) => text.replaceAll(/[\s()./-]/g, '')),
  /** The connected account that is paid; the customer and the payment method that are charged. */
  stripeAccount: pattern(/^acct_[A-Za-z0-9]{1,64}$/, 'a Stripe account such as acct_1032D82eZvKYlo2C'),
  stripeCustomer: pattern(/^cus_[A-Za-z0-9]{1,64}$/, 'a Stripe customer such as cus_9s6XKzkNRiz8i3'),
  stripePaymentMethod: pattern(/^(?:pm|card|src|ba)_[A-Za-z0-9]{1,64}$/, 'a Stripe payment method such as pm_1MqLiJLkdIwHu7ix'),
  /** An e-mail address, a phone number or a PayPal id. */
  paypalReceiver: pattern(
    new RegExp(`${EMAIL.source}|^\\+[1-9]\\d{6,14}$|^[A-Z0-9]{13}$`, 'i'),
    'an e-mail address, a number such as +4930123456, or a PayPal id',
  ),
  lightningNode: pattern(/^0[23][0-9a-f]{64}$/, "a node's public key, 66 hex digits", (text) => text.toLowerCase()),
  lightningAddress: pattern(EMAIL, 'a Lightning address such as name@example.com'),
  /** It is good for one payout of its own amount. */
  lightningInvoice: pattern(/^ln(?:bc|tb|tbs|bcrt|sb)[0-9a-z]{20,1900}$/, 'a BOLT 11 invoice such as lnbc...', (text) =>
    text.toLowerCase(),
  ),
  /** Its check by capitals is the rail's. */
  evmAddress: pattern(/^0x[0-9a-fA-F]{40}$/, 'an address of 0x and 40 hex digits'),
  /** What the receiver of webhooks knows the account by. */
  webhookReceiver: words(200),
} as const satisfies Readonly<Record<string, Checker>>;

export type ParticularField = keyof typeof CHECKERS;
export type Particulars = Readonly<Partial<Record<ParticularField, string>>>;

export const PARTICULAR_FIELDS = Object.keys(CHECKERS) as readonly ParticularField[];

export function isParticularField(field: string): field is ParticularField {
  return Object.hasOwn(CHECKERS, field);
}

/** The text as it is kept. */
export function checkParticular(field: ParticularField, text: string): { readonly kept: string } | string {
  const checked = CHECKERS[field](text);
  return 'kept' in checked ? checked : `${field}: expected ${checked.expected}, got "${text}"`;
}
