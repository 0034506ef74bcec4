// What stops a hub: books that contradict themselves, or what devices have proven. In: one sentence with the row and the two numbers. Out: an exception that nobody may catch to go on: books that may be
// wrong take no more money.

export class BooksDisagree extends Error {
  constructor(sentence: string, cause?: unknown) {
    super(sentence, { cause });
    this.name = 'BooksDisagree';
  }
}
