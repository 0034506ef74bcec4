// One cell of a CSV file. In: any text. Out: the text as RFC 4180 quotes it; one that a spreadsheet would compute gets an apostrophe in front. A plain number stays one.

export function cellOf(text: string): string {
  const isNumber = /^-?\d+(\.\d+)?$/.test(text);
  const safe = !isNumber && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
