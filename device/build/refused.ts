// A build that was refused, with everything that was wrong: one sentence per finding, each with its file and line.

export interface Finding {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 0. */
  readonly column: number;
  readonly sentence: string;
}

export class BuildRefused extends Error {
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    super(findings.map((finding) => `${finding.file}:${finding.line}:${finding.column + 1}: ${finding.sentence}`).join('\n'));
    this.name = 'BuildRefused';
    this.findings = findings;
  }
}
