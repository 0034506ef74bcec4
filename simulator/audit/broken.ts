// How the auditor's rooms say that a promise was broken. In: nothing. Out: a type.

/** `rule`: a word for the promise, the same for the same kind of breach. */
export type Broken = (rule: string, detail: string) => void;
