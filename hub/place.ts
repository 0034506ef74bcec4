// Placing a device: at which site it stands, what it sells there, and in which time zone. In: what is to change. Out: its place on the disk, or why not. No money depends on
// it: sales are shown by it. A move holds from now on; a correction also for what was sold there before.

import { z } from 'zod';
import type { DeviceId } from '../shared/identity.ts';
import { drawClaims } from './draw.ts';
import { faultSentence } from './known-keys.ts';
import type { Store } from './store.ts';
import type { Place } from './till.ts';
import { isZone } from './zone.ts';

/** What is left out stays as it was; '' takes it away. */
export interface PlaceChange {
  readonly site?: string;
  readonly product?: string;
  readonly zone?: string;
}

export type Placed =
  | { readonly kind: 'placed'; readonly place: Place }
  /** One sentence. */
  | { readonly kind: 'refused'; readonly why: string };

const named = z
  .string()
  .regex(/^$|^[^\p{C}\s](?:[^\p{C}]{0,62}[^\p{C}\s])?$/u, 'expected 1 to 64 characters that can be printed');

export const placeSchema = z.strictObject({
  site: named.optional(),
  product: named.optional(),
  zone: z
    .string()
    .refine((text) => text === '' || isZone(text), 'expected an IANA time zone, such as Europe/Berlin')
    .optional(),
});

export function placeAfter(before: Place, change: PlaceChange): Place {
  const next = (known: string | null, said: string | undefined): string | null => (said === undefined ? known : said || null);
  return {
    site: next(before.site, change.site),
    product: next(before.product, change.product),
    zone: next(before.zone, change.zone),
  };
}

/** What was accepted until now still counts where the device was. */
export function placeDevice(store: Store, device: DeviceId, change: PlaceChange & { readonly correct: boolean }): Placed {
  const { correct, ...said } = change;
  const parsed = placeSchema.safeParse(said);
  if (!parsed.success) return { kind: 'refused', why: faultSentence(placeSchema, parsed.error, 'place', said) };
  const nowSeconds = Math.floor(Date.now() / 1000);
  drawClaims(store, nowSeconds);
  return store.atomically(() => {
    if (store.devices.find(device) === undefined) return { kind: 'refused', why: `no device ${device} is enrolled here` };
    const place = placeAfter(store.places.placeOf(device), said);
    store.places[correct ? 'correct' : 'move'](device, place, nowSeconds);
    return { kind: 'placed', place };
  });
}
