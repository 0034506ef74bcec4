// Short names for what the board's file of settings and its console speak. In: the readable names of the sources. Out: names of at most four characters,
// because a longer one costs memory in every object that has it. They outlive a firmware: a name may be added, never changed or used again.

/** [readable, on the board]. Names that are not here are the same in both places. */
export const SHORT_NAMES: Readonly<Record<string, string>> = {
  // settings
  config: 'cf',
  context: 'cx',
  seed: 'sd',
  publicKey: 'pk',
  macKey: 'mk',
  payee: 'py',
  tariff: 'tf',
  hub: 'hb',
  device: 'dev',
  root: 'rt',
  wifi: 'wf',
  limitUnits: 'lu',
  chainUnits: 'cu',
  profile: 'pf',
  meter: 'me',
  output: 'out',
  button: 'bt',
  prepaid: 'pp',
  lowBalanceUnits: 'lb',
  issueEveryMs: 'ie',
  keepaliveSeconds: 'ka',
  kind: 'k',
  everyMs: 'ev',
  units: 'u',
  unitsPerPulse: 'upp',
  debounceMs: 'db',
  requestPin: 'rp',
  successPin: 'sp',
  failurePin: 'fp',
  timeoutMs: 'to',
  unitsPerVend: 'upv',
  activeLow: 'al',
  // the console
  state: 'st',
  reason: 'why',
  whyNot: 'not',
  balanceUnits: 'bal',
  lowBalance: 'low',
  registerUnits: 'reg',
  channel: 'ch',
  issuedUnits: 'iss',
  acceptedUnits: 'acc',
  uncoveredUnits: 'unc',
  sentVouchers: 'sent',
  receipts: 'rec',
  rejects: 'rej',
  closed: 'end',
};

function renamed(value: unknown, names: Readonly<Record<string, string>>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [names[name] ?? name, renamed(inner, names)]));
}

/** Runs on Node: a value as the board has it. */
export function withShortNames(value: unknown): unknown {
  return renamed(value, SHORT_NAMES);
}

/** Runs on Node: a value of the board's as the sources name it. */
export function withReadableNames(value: unknown): unknown {
  return renamed(value, Object.fromEntries(Object.entries(SHORT_NAMES).map(([name, short]) => [short, name])));
}
