// Why a hub or its data cannot be opened: one sentence for the operator, and a kind for the program that shows it. It is thrown at opening
// and by nothing that runs later.

export type RefusalKind =
  | 'port-in-use'
  | 'unusable-address'
  | 'unusable-root'
  | 'unusable-tls'
  | 'unwritable-data'
  | 'no-data'
  | 'damaged-data'
  | 'later-database'
  | 'earlier-database'
  | 'foreign-journal'
  | 'foreign-key'
  | 'already-running';

export class HubRefused extends Error {
  readonly kind: RefusalKind;

  constructor(kind: RefusalKind, sentence: string, cause?: unknown) {
    super(sentence, { cause });
    this.name = 'HubRefused';
    this.kind = kind;
  }
}
