// Where a Lightning payout goes: a node, or an invoice over the exact amount. In: an account's particulars. Out: a destination, or a sentence. A Lightning address is refused: it is
// an address of a web server, which would be asked for an invoice before each payment and could name any amount and any network.

import type { Destination } from './rail.ts';

/** Bitcoin's amounts in an invoice's prefix, as millisatoshi. */
const MSAT_PER: Readonly<Record<string, bigint>> = { '': 100_000_000_000n, m: 100_000_000n, u: 100_000n, n: 100n };

export function lightningDestination(particulars: Readonly<Record<string, string>>, network: string): Destination | string {
  const { lightningNode, lightningInvoice, lightningAddress } = particulars;
  if (lightningInvoice !== undefined) return invoiceDestination(lightningInvoice.toLowerCase(), network);
  if (lightningNode !== undefined) {
    if (/^0[23][0-9a-f]{64}$/.test(lightningNode)) return { node: lightningNode };
    return `lightningNode: expected a node's public key, 66 hex digits, got "${lightningNode}"`;
  }
  if (lightningAddress !== undefined)
    return 'lightningAddress: expected lightningNode or lightningInvoice instead, because addresses are not paid by this hub';
  return 'lightningNode: expected a node that takes keysend (or lightningInvoice), got none';
}

function invoiceDestination(invoice: string, network: string): Destination | string {
  const match = INVOICE.exec(invoice);
  if (match === null)
    return `lightningInvoice: expected a BOLT 11 invoice such as ln${network}..., got "${invoice.slice(0, 20)}"`;
  if (match[1] !== network)
    return `lightningInvoice: expected an invoice of this node's network, ln${network}..., got ln${match[1] ?? ''}...`;
  if (invoiceAmountMsat(invoice) === undefined)
    return 'lightningInvoice: expected an invoice with an amount, of whole thousandths of a satoshi, got one without';
  return { invoice };
}

/** Prefix, network, amount, multiplier, `1`, data: BOLT 11. */
const INVOICE = /^ln(bcrt|tbs|bc|tb)(?:(\d{1,12})([munp]?))?1[02-9ac-hj-np-z]{110,}$/;

export function invoiceAmountMsat(invoice: string): number | undefined {
  const [, , digits, multiplier = ''] = INVOICE.exec(invoice) ?? [];
  if (digits === undefined) return undefined;
  const tenths = multiplier === 'p' ? BigInt(digits) : BigInt(digits) * (MSAT_PER[multiplier] ?? 0n) * 10n;
  const msat = Number(tenths / 10n);
  return tenths % 10n === 0n && msat > 0 && Number.isSafeInteger(msat) ? msat : undefined;
}
