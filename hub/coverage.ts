// What guards each table and column of the database against being edited: a list that a test holds complete, so that no table for money can be added unseen. In: nothing. Out: for each
// table, whether its rows are recorded (see schema-records.ts), proven by something else, or left, with the reason. A column that nothing guards says why no money rests on it.

/** Columns that nothing guards, each with the reason. */
export type Unguarded = Readonly<Record<string, string>>;

export type Coverage =
  /** Every write of a row is recorded in the chain of records. `personal`: its digest is salted, so that what is erased cannot be guessed from it. */
  | { readonly kind: 'recorded'; readonly personal?: true; readonly except?: Unguarded }
  /** Recomputed by the audit from something else. `recorded`: what nothing else proves; `beside`: what goes into the same record, as SQL with `@` for the row. */
  | {
      readonly kind: 'proven';
      readonly by: string;
      readonly recorded?: readonly string[];
      readonly beside?: string;
      readonly except?: Unguarded;
    }
  | { readonly kind: 'left'; readonly why: string };

export const COVERAGE: Readonly<Record<string, Coverage>> = {
  hub: { kind: 'recorded' },
  accounts: { kind: 'recorded', personal: true },
  tariffs: { kind: 'recorded' },
  devices: { kind: 'recorded', personal: true },
  grants: { kind: 'recorded' },
  commitments: { kind: 'proven', by: "the device's signature; when it was opened is in the channel's record" },
  channels: {
    kind: 'proven',
    by: "the commitment's terms, the chain from its anchor to the link, the signed voucher, the price of the units, and the batches' lines",
    recorded: ['device', 'number', 'payer', 'payee', 'tariff', 'limit_units', 'closed'],
    beside: '(SELECT opened_at_seconds FROM commitments WHERE device = @.device AND number = @.number)',
    except: { changed_at_seconds: 'when a count last grew is shown to people and charges nobody' },
  },
  segments: {
    kind: 'proven',
    by: "the channel's accepted units, where the last one ends, and the price; each is recorded when it begins, with the one before as it has ended",
    recorded: ['device', 'number', 'sequence', 'element', 'from_seconds', 'chosen'],
    beside:
      '(SELECT json_array(to_units, until_seconds) FROM segments WHERE device = @.device AND number = @.number AND sequence = @.sequence - 1)',
    except: {
      until_seconds:
        'of the last segment: when its units were accepted, which nothing costs more by; of others the next one has it',
    },
  },
  account_terms: { kind: 'recorded' },
  budgets: { kind: 'recorded' },
  reservations: { kind: 'recorded' },
  releases: { kind: 'recorded' },
  lots: { kind: 'recorded' },
  lot_uses: { kind: 'recorded' },
  refunds: { kind: 'recorded' },
  disputes: { kind: 'recorded' },
  claim_days: {
    kind: 'proven',
    by: "the channel's claimed units and micros, which its days sum to, and the price at the end of each; each is recorded when it begins, with the units of the one before as it has ended",
    recorded: ['device', 'number', 'day'],
    beside:
      '(SELECT units FROM claim_days WHERE device = @.device AND number = @.number AND day < @.day ORDER BY day DESC LIMIT 1)',
    except: { entry: "it names, of the day's claims, the one that a statement shows; the amounts stand beside it" },
  },
  wallet_balances: { kind: 'proven', by: 'the postings that each is the sum of' },
  particulars: { kind: 'recorded', personal: true },
  payout_destinations: { kind: 'recorded', personal: true },
  erasures: { kind: 'recorded' },
  batches: { kind: 'recorded' },
  tree_heads: { kind: 'recorded' },
  routes: { kind: 'recorded' },
  approvals: { kind: 'recorded' },
  payouts: { kind: 'recorded' },
  payout_carries: { kind: 'recorded' },
  payouts_moved: { kind: 'recorded' },
  payout_events: { kind: 'recorded' },
  rail_memory: { kind: 'recorded', personal: true },
  batch_lines: { kind: 'proven', by: "the batch's id, a hash over all of its lines with their channels' parties" },
  entries: { kind: 'proven', by: 'the chain of hashes over all entries and postings' },
  postings: { kind: 'proven', by: 'the chain of hashes over all entries and postings' },
  records: { kind: 'proven', by: 'the chain of hashes over all records' },
  record_salts: { kind: 'proven', by: 'the digests that they go into' },
  places: { kind: 'recorded' },
  tills: { kind: 'recorded' },
  sales: {
    kind: 'left',
    why: 'totals for insight, which the command audit holds against channels once the books are sound; nobody is paid by them',
  },
  sale_days: { kind: 'left', why: 'totals for insight; nobody is paid by them' },
  clocks: { kind: 'left', why: 'by which clocks hours are shown, for insight; nobody is paid by them' },
  sale_clocks: { kind: 'left', why: 'totals for insight by those clocks; nobody is paid by them' },
  sale_floor: { kind: 'left', why: 'from when on totals for insight are kept; nobody is paid by them' },
  retention: { kind: 'left', why: 'how long is kept what no money rests on' },
  presence: { kind: 'left', why: 'what a device last said of itself, unsigned; no money depends on it' },
  firmware_files: { kind: 'left', why: 'programs for boards, signed one by one; no money depends on them' },
  firmware_orders: { kind: 'left', why: 'which program a board is to run; no money depends on it' },
  firmware_reports: { kind: 'left', why: 'what boards said that they run, unsigned' },
  quarantine: { kind: 'left', why: 'counts of refused messages, which moved nothing' },
  quarantine_samples: { kind: 'left', why: 'refused messages, which moved nothing' },
  replays: { kind: 'left', why: 'requests to judge a refused message again, which the judge decides on afresh' },
};

/** The columns of a table whose values go into its rows' records, out of those it has; none when its rows are not recorded. */
export function recordedColumns(table: string, columns: readonly string[]): readonly string[] {
  const coverage = COVERAGE[table];
  if (coverage?.kind === 'recorded') return columns.filter((column) => coverage.except?.[column] === undefined);
  if (coverage?.kind === 'proven') return coverage.recorded ?? [];
  return [];
}

export function isPersonal(table: string): boolean {
  const coverage = COVERAGE[table];
  return coverage?.kind === 'recorded' && coverage.personal === true;
}

/** What else goes into the record, as SQL over the row that goes by `alias`. */
export function besideOf(table: string, alias: string): string | undefined {
  const coverage = COVERAGE[table];
  return coverage?.kind === 'proven' ? coverage.beside?.replaceAll('@', alias) : undefined;
}
