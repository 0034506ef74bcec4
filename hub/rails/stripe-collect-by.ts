// How payers pay through Stripe: by a payment, by an invoice that is paid at once, or by what Stripe makes of their usage. In: nothing. Out: the names. It loads nothing, because configurations are read
// where Stripe's library is not needed.

export const COLLECT_BY = ['payments', 'invoices', 'meter-events'] as const;
export type CollectBy = (typeof COLLECT_BY)[number];
