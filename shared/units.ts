// The integers of the project and their bounds. One number type end to end: safe integers; no floats, no BigInt. In: numbers
// from a decoder that has checked them. Out: the same numbers under a name that says what they count. It must never round unseen.

/** Cumulative count of what is metered on one channel. */
export type Units = number & { readonly brand: 'Units' };

/** Micro-units (1e-6) of a currency. */
export type Micros = number & { readonly brand: 'Micros' };

/** The number of a channel: strictly increasing per device, from 1. */
export type ChannelNumber = number & { readonly brand: 'ChannelNumber' };

export const MAX_UNITS = 4294967295;
export const MAX_CHANNEL_NUMBER = 4294967295;

/** The longest hash chain, so that a payword voucher's units fit three bytes. [W-13] */
export const MAX_CHAIN_UNITS = 65535;

/** The most units by which one payword voucher may pass the last accepted one: bounds the hub's hashes per message. [W-16] */
export const MAX_GAP_UNITS = 1024;

/** Amounts stay at or below this (9e15 micros, nine billion of the currency), well inside 2^53. */
export const MAX_AMOUNT_MICROS = 9000000000000000;
