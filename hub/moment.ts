// The hub's clock, read once for all that is done at a time.

/** One moment, as the rooms need it. */
export interface Moment {
  readonly nowMs: number;
  readonly nowSeconds: number;
}

export function moment(): Moment {
  const nowMs = Date.now();
  return { nowMs, nowSeconds: Math.floor(nowMs / 1000) };
}
