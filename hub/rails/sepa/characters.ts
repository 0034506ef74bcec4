// What may stand in a SEPA message: the EPC's Latin set and nothing else. In: any text. Out: the same in that set, as the EPC's conversion table has it for
// Latin, Greek and Bulgarian letters: accents go, what has no counterpart becomes a full stop. It must never lengthen or shorten an identifier: those
// are refused elsewhere if they do not fit.

const ALLOWED = /^[A-Za-z0-9/\-?:().,'+ ]*$/;

/** Letters that do not fall apart into a base letter and marks, and signs with a counterpart of their own. */
const SINGLE: Readonly<Record<string, string>> = {
  ß: 's',
  ẞ: 'S',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'TH',
  ł: 'l',
  Ł: 'L',
  ħ: 'h',
  Ħ: 'H',
  ı: 'i',
  ŋ: 'n',
  Ŋ: 'N',
  ŧ: 't',
  Ŧ: 'T',
  ĸ: 'k',
  '&': '+',
  _: '-',
  '–': '-',
  '—': '-',
  '‘': "'",
  '’': "'",
  '`': "'",
  '´': "'",
  '“': "'",
  '”': "'",
  '"': "'",
  '[': '(',
  ']': ')',
  '{': '(',
  '}': ')',
  '\\': '/',
  '|': '/',
  ';': ',',
  '@': '(at)',
  '€': 'E',
};

const GREEK = 'α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t υ y φ f χ ch ψ ps ω o';
const CYRILLIC =
  'а a б b в v г g д d е e ж zh з z и i й y к k л l м m н n о o п p р r с s т t у u ф f х h ц ts ч ch ш sh щ sht ъ a ь y ю yu я ya ё e ы y э e';

function lettersOf(pairs: string): Map<string, string> {
  const words = pairs.split(' ');
  const map = new Map<string, string>();
  for (let i = 0; i < words.length; i += 2) {
    const [letter, latin] = [words[i] as string, words[i + 1] as string];
    map.set(letter, latin);
    map.set(letter.toUpperCase(), latin.toUpperCase());
  }
  return map;
}

const LETTERS = new Map([...lettersOf(GREEK), ...lettersOf(CYRILLIC), ...Object.entries(SINGLE)]);

/** In the set, with single spaces, cut at `max`. */
export function inEpcSet(text: string, max: number): string {
  const converted = [...text.normalize('NFC')].map(convertOne).join('');
  return converted.replaceAll(/ +/g, ' ').trim().slice(0, max).trim();
}

export function isInEpcSet(text: string): boolean {
  return ALLOWED.test(text);
}

function convertOne(character: string): string {
  if (ALLOWED.test(character)) return character;
  if (/\s/.test(character)) return ' ';
  const own = LETTERS.get(character);
  if (own !== undefined) return own;
  const base = character.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  if (base !== '' && ALLOWED.test(base)) return base;
  return [...base].map((part) => LETTERS.get(part) ?? '.').join('') || '.';
}
