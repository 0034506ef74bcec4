// A rail: a way money really moves, behind one small interface. In: payouts, each with an id that never changes. Out: what has become of each, as far as the rail
// knows. A rail is told of the same payout again after every crash, lost answer and doubt; it must move each one at most once, and say "nothing yet" rather
// than guess.

/** 32 lower-case hex digits; every rail's idempotency key. */
export type PayoutId = string & { readonly brand: 'PayoutId' };

export const RAIL_NAMES = ['ledger', 'csv', 'sepa', 'webhook', 'stripe', 'paypal', 'lightning', 'erc20'] as const;
export type RailName = (typeof RAIL_NAMES)[number];

/** `pay`: from the operator to a payee. `collect`: from a payer to the operator. */
export type Direction = 'pay' | 'collect';

/** Where a rail sends to or takes from, as that rail's own `destinationOf` has made it: plain JSON, frozen with the payout. */
export type Destination = Readonly<Record<string, string>>;

/** One movement of money on one rail. Nothing in it ever changes. */
export interface Payout {
  readonly id: PayoutId;
  readonly batch: string;
  readonly direction: Direction;
  /** The account's name. */
  readonly account: string;
  readonly currency: string;
  /** A multiple of the rail's `unitMicros`. */
  readonly amountMicros: number;
  readonly destination: Destination;
  readonly createdAtSeconds: number;
}

/** What one device used of one payee, in units and at its exact price: a payout is what its parts sum to, as far as its rail's unit goes. */
export interface PayoutPart {
  /** The device's label, or its id where it has none. */
  readonly device: string;
  /** The payee's name. */
  readonly payee: string;
  readonly unit: string;
  readonly units: number;
  readonly amountMicros: number;
}

/** The parts of a payout, those of lost ones that it carries among them: always the same ones in the same order. */
export type PartsOf = (payout: Payout) => readonly PayoutPart[];

/** What has become of a payout. Only the last three are the end of it; a settled one may still be reversed. */
export type Outcome =
  /** Handed over, or about to be: nothing is known yet. */
  | { readonly kind: 'sent' }
  /** The rail has it and will move the money. */
  | { readonly kind: 'accepted'; readonly reference: string }
  | { readonly kind: 'settled'; readonly reference: string; readonly feeMicros?: number }
  /** Nothing moved, and under this id nothing ever will. */
  | { readonly kind: 'rejected'; readonly why: string }
  /** It moved, and came back. */
  | { readonly kind: 'reversed'; readonly reference: string; readonly why: string };

export type Outcomes = ReadonlyMap<PayoutId, Outcome>;

/** What one movement costs: a fixed part, a share, within bounds; `perBatch` once for all payouts handed over together. */
export interface FeeModel {
  readonly perBatchMicros: number;
  readonly fixedMicros: number;
  /** Parts per million of the amount. */
  readonly shareMillionths: number;
  readonly minMicros: number;
  /** `undefined`: without an upper bound. */
  readonly maxMicros: number | undefined;
}

/** What a rail writes down before it talks to the outside: durable when `put` returns, and read again after a crash. */
export interface RailMemory {
  get(key: string): string | undefined;
  put(key: string, value: string): void;
}

/** What a rail's counterpart has answered in a file or a message, by payout. */
export interface Reply {
  readonly payout: PayoutId;
  readonly outcome: Outcome;
}

/** To be shown when it is written: whoever carries it compares count and sum with what the counterpart shows. */
export interface CarriedFile {
  readonly path: string;
  readonly direction: Direction;
  readonly payouts: number;
  readonly sumMicros: number;
  readonly currency: string;
}

export interface ReplyFile {
  readonly replies: readonly Reply[];
  /** What in it is for people to see and changes nothing, one sentence each: unknown payouts, other amounts, states that say nothing new. */
  readonly remarks: readonly string[];
}

export interface Rail {
  readonly name: RailName;
  readonly directions: readonly Direction[];
  readonly fee: FeeModel;
  /** The smallest amount of the currency that it can move; `undefined` for a currency it cannot. */
  unitMicros(currency: string): number | undefined;
  /** The most that one payout may be. */
  readonly maxMicros: number;
  /** An account's particulars as a destination, or a sentence that begins with the particular's name and says what was expected. */
  destinationOf(particulars: Readonly<Record<string, string>>, direction: Direction): Destination | string;
  /**
   * Hands over payouts of one batch, all of them at once. Called again with the same ones until each has an outcome beyond `sent`. Throws `RailUnavailable`
   * when it cannot be reached: then nothing is concluded about any of them. Rails that show what a payout is made of ask `partsOf`.
   */
  submit(payouts: readonly Payout[], memory: RailMemory, partsOf?: PartsOf): Promise<Outcomes>;
  /** What has become of payouts that were handed over; those that it leaves out have nothing new. */
  poll(payouts: readonly Payout[], memory: RailMemory): Promise<Outcomes>;
  /** What a file or message of the counterpart says of payouts, or a sentence when it is none. Rails without replies leave it out. */
  readReply?(bytes: Uint8Array, payouts: readonly Payout[], memory: RailMemory): ReplyFile | string;
  /** The files of a batch that `submit` has written for people to carry to the counterpart. Rails that carry by themselves leave it out. */
  filesOf?(batch: string, memory: RailMemory): readonly CarriedFile[];
}

/** The rail cannot be reached, or has not said: to be tried again, with the same payouts. */
export class RailUnavailable extends Error {}

/** What moving `amountMicros` costs, the part per batch left aside: rounded up, as whoever charges it would. */
export function feeMicrosOf(fee: FeeModel, amountMicros: number): number {
  const share = Number((BigInt(amountMicros) * BigInt(fee.shareMillionths) + 999_999n) / 1_000_000n);
  const raw = Math.max(fee.fixedMicros + share, fee.minMicros);
  return fee.maxMicros === undefined ? raw : Math.min(raw, fee.maxMicros);
}
