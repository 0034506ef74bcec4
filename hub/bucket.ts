// A device's allowance for failed tries, as a token bucket. In: the time. Out: whether a try may be judged. It bounds what a broken or hostile device
// can cost: a failed payword may take a thousand hashes, a failed signature a tenth of a millisecond.

export interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

const BUCKET_TOKENS = 32;
const REFILL_MS = 1000;

export function fullBucket(nowMs: number): Bucket {
  return { tokens: BUCKET_TOKENS, atMs: nowMs };
}

export function refilled(bucket: Bucket, nowMs: number): Bucket {
  const tokens = Math.min(BUCKET_TOKENS, bucket.tokens + Math.max(0, nowMs - bucket.atMs) / REFILL_MS);
  return { tokens, atMs: nowMs };
}

export function isSpent(bucket: Bucket): boolean {
  return bucket.tokens < 1;
}

export function billed(bucket: Bucket): Bucket {
  return { ...bucket, tokens: bucket.tokens - 1 };
}
