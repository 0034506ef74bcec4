// Seeded randomness: the only source of chance in the simulator. In: a seed and a name. Out: the same numbers on every machine. It must never
// be used for keys: those are made by the hub's enrolment from the operating system's entropy.

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Exponential with the given mean: the gaps of a Poisson process. */
  exponential(mean: number): number;
  /** Uniform integer in `min..max`. */
  integer(min: number, max: number): number;
}

/** FNV-1a, 32 bits: gives every device of a fleet its own stream under one seed. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Mulberry32 (T. Ettinger, public domain): 32 bits of state are plenty for weather. */
export function seededRandom(seed: number, stream: string): Random {
  let state = (hashText(stream) ^ Math.imul(seed, 0x9e3779b1)) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    exponential: (mean) => -mean * Math.log(1 - next()),
    integer: (min, max) => min + Math.floor(next() * (max - min + 1)),
  };
}
