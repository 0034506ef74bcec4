// A build that was refused, with everything that was wrong: one sentence per finding, each with its file and line.

export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly sentence: string;
}

export class BuildRefused extends Error {
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    super(findings.map((finding) => `${finding.file}:${finding.line}: ${finding.sentence}`).join('\n'));
    this.name = 'BuildRefused';
    this.findings = findings;
  }
}
