// The parser of as much of CDDL (RFC 8610) as shared/wire.cddl uses: names with one generic parameter, arrays, the empty map, ranges, literals,
// groups in parentheses, choices, and controls. In: the text. Out: its rules by name. An unknown construct throws, and so does a name without a rule: nothing may pass unread.

export type Type =
  | { readonly kind: 'name'; readonly name: string; readonly argument: Type | undefined }
  | { readonly kind: 'array'; readonly items: readonly Item[] }
  | { readonly kind: 'map' }
  | { readonly kind: 'range'; readonly min: number; readonly max: number }
  | { readonly kind: 'text' | 'bytes'; readonly wanted: string }
  | { readonly kind: 'choice'; readonly options: readonly Type[] }
  | { readonly kind: 'control'; readonly of: Type; readonly control: string; readonly by: Type };

/** An item of an array; one that may come several times is the only one of its array. */
export interface Item {
  readonly type: Type;
  readonly min: number;
  readonly max: number;
}

export interface Rule {
  readonly parameter: string | undefined;
  readonly type: Type;
}

const PRELUDE = ['bstr', 'tstr', 'bool'];
const TOKEN = /\d+\*\d+|"[^"]*"|h'[^']*'|\d+\.\.\d+|\d+|\.[a-z]+|[a-z][a-z0-9-]*|[[\]{}()<>,:=/]/y;

function tokensOf(text: string): string[] {
  const source = text.replace(/;.*$/gm, '');
  const tokens: string[] = [];
  for (let at = 0; at < source.length;) {
    if (/\s/.test(source.charAt(at))) {
      at++;
      continue;
    }
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(source)?.[0];
    if (token === undefined) throw new Error(`expected CDDL, got ${JSON.stringify(source.slice(at, at + 20))}`);
    tokens.push(token);
    at += token.length;
  }
  return tokens;
}

/** The rules by name; recursive descent over the tokens. */
export type Rules = ReadonlyMap<string, Rule>;

export function parseCddl(text: string): Rules {
  const tokens = tokensOf(text);
  const used = new Set<string>();
  let at = 0;

  function take(wanted?: string): string {
    const token = tokens[at++];
    if (token === undefined || (wanted !== undefined && token !== wanted)) {
      throw new Error(`expected ${wanted ?? 'a token'}, got ${token ?? 'the end'} (token ${at})`);
    }
    return token;
  }

  function array(): Type {
    const items: Item[] = [];
    while (tokens[at] !== ']') {
      const [min, max] = /^\d+\*/.test(tokens[at] ?? '') ? take().split('*').map(Number) : [1, 1];
      take(); // the key: for people
      take(':');
      items.push({ type: choice(), min: min ?? 1, max: max ?? 1 });
      if (tokens[at] === ',') take();
    }
    take(']');
    if (items.length > 1 && items.some(({ min, max }) => min !== 1 || max !== 1))
      throw new Error('expected an item that comes several times alone in its array');
    return { kind: 'array', items };
  }

  function primary(): Type {
    const token = take();
    if (token === '[') return array();
    if (token === '{') {
      take('}');
      return { kind: 'map' };
    }
    if (token === '(') {
      const inner = choice();
      take(')');
      return inner;
    }
    if (token.startsWith('"')) return { kind: 'text', wanted: token.slice(1, -1) };
    if (token.startsWith("h'")) return { kind: 'bytes', wanted: token.slice(2, -1) };
    if (/^\d/.test(token)) {
      const [min, max] = token.split('..').map(Number);
      return { kind: 'range', min: min ?? 0, max: max ?? min ?? 0 };
    }
    if (!/^[a-z]/.test(token)) throw new Error(`expected a type, got ${token}`);
    used.add(token);
    if (tokens[at] !== '<') return { kind: 'name', name: token, argument: undefined };
    take('<');
    const argument = choice();
    take('>');
    return { kind: 'name', name: token, argument };
  }

  function controlled(): Type {
    const of = primary();
    if (tokens[at]?.startsWith('.') !== true) return of;
    return { kind: 'control', control: take(), of, by: primary() };
  }

  function choice(): Type {
    const options = [controlled()];
    while (tokens[at] === '/') {
      take();
      options.push(controlled());
    }
    return options.length === 1 && options[0] !== undefined ? options[0] : { kind: 'choice', options };
  }

  const rules = new Map<string, Rule>();
  const parameters = new Set(PRELUDE);
  while (at < tokens.length) {
    const name = take();
    let parameter: string | undefined;
    if (tokens[at] === '<') {
      take();
      parameter = take();
      parameters.add(parameter);
      take('>');
    }
    take('=');
    if (rules.has(name)) throw new Error(`${name} is defined twice`);
    rules.set(name, { parameter, type: choice() });
  }
  const missing = [...used].filter((name) => !rules.has(name) && !parameters.has(name));
  if (missing.length > 0) throw new Error(`expected rules for ${missing.join(', ')}, got none`);
  return rules;
}
