// Answers for eyes: aligned columns, and bars beside figures. In: cells. Out: lines of text. It must never print what a name holds beyond printable characters: a label cannot move the cursor.

export type Side = 'left' | 'right';

export interface Column {
  readonly title: string;
  readonly side: Side;
}

const BAR_CELLS = 24;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const SHADES = [' ', '░', '▒', '▓', '█'];

export function printable(text: string): string {
  return text.replace(/\p{C}/gu, '?');
}

export function tableText(columns: readonly Column[], rows: ReadonlyArray<readonly string[]>): string {
  const all = [columns.map(({ title }) => title), ...rows.map((row) => row.map(printable))];
  const widths = columns.map((_, at) => Math.max(...all.map((row) => [...(row[at] ?? '')].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => {
        const gap = ' '.repeat((widths[at] as number) - [...cell].length);
        return columns[at]?.side === 'right' ? gap + cell : cell + gap;
      })
      .join('  ')
      .trimEnd();
  return all.map((row) => `${line(row)}\n`).join('');
}

/** As long as its share of the greatest, to an eighth of a cell. */
export function barText(value: number, greatest: number): string {
  if (greatest <= 0 || value <= 0) return '';
  const eighths = Math.round((value / greatest) * BAR_CELLS * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] as string);
}

/** One cell, the darker the more. */
export function shadeText(value: number, greatest: number): string {
  if (greatest <= 0 || value <= 0) return SHADES[0] as string;
  return SHADES[Math.max(1, Math.ceil((value / greatest) * (SHADES.length - 1)))] as string;
}
