// Decoded CBOR against the rules of a CDDL text. In: rules, a name, bytes. Out: whether the bytes are one item of that type. The general decoder is cbor-x:
// these are our own vectors, a few hundred bytes at most.

import { Decoder } from 'cbor-x';
import type { Item, Rules, Type } from './cddl-rules.ts';

const decoder = new Decoder({ mapsAsObjects: false, useRecords: false });
type Bound = ReadonlyMap<string, Type>;

/** True if bytes are one CBOR item of the named type. */
export function bytesMatch(rules: Rules, name: string, bytes: Uint8Array): boolean {
  function named(type: Type & { kind: 'name' }, value: unknown, bound: Bound): boolean {
    const replaced = bound.get(type.name);
    if (replaced !== undefined) return matches(replaced, value, new Map());
    if (type.name === 'bstr') return value instanceof Uint8Array;
    if (type.name === 'tstr') return typeof value === 'string';
    if (type.name === 'bool') return typeof value === 'boolean';
    const rule = rules.get(type.name);
    if (rule === undefined) throw new Error(`${type.name} is not defined`);
    const inner = rule.parameter === undefined || type.argument === undefined ? [] : [[rule.parameter, type.argument] as const];
    return matches(rule.type, value, new Map(inner));
  }

  function controls(type: Type & { kind: 'control' }, value: unknown, bound: Bound): boolean {
    if (!matches(type.of, value, bound)) return false;
    if (type.control === '.cbor') return itemMatches(type.by, value as Uint8Array, bound);
    if (type.control === '.size' && type.by.kind === 'range') {
      const { length } = value as Uint8Array;
      return length >= type.by.min && length <= type.by.max;
    }
    if (type.control === '.regexp' && type.by.kind === 'text') return new RegExp(`^(?:${type.by.wanted})$`).test(value as string);
    throw new Error(`unknown control ${type.control}`);
  }

  function listMatches(items: readonly Item[], values: readonly unknown[], bound: Bound): boolean {
    const [only] = items;
    if (items.length === 1 && only !== undefined) {
      return values.length >= only.min && values.length <= only.max && values.every((one) => matches(only.type, one, bound));
    }
    return values.length === items.length && items.every(({ type }, i) => matches(type, values[i], bound));
  }

  function matches(type: Type, value: unknown, bound: Bound): boolean {
    switch (type.kind) {
      case 'name':
        return named(type, value, bound);
      case 'array':
        return Array.isArray(value) && listMatches(type.items, value, bound);
      case 'map':
        return value instanceof Map && value.size === 0;
      case 'range':
        return (typeof value === 'number' || typeof value === 'bigint') && value >= type.min && value <= type.max;
      case 'text':
        return value === type.wanted;
      case 'bytes':
        return value instanceof Uint8Array && Buffer.from(value).toString('hex') === type.wanted;
      case 'choice':
        return type.options.some((option) => matches(option, value, bound));
      case 'control':
        return controls(type, value, bound);
    }
  }

  function itemMatches(type: Type, item: Uint8Array, bound: Bound): boolean {
    let value: unknown;
    try {
      value = decoder.decode(item);
    } catch {
      return false; // not one CBOR item
    }
    return matches(type, value, bound);
  }

  return itemMatches({ kind: 'name', name, argument: undefined }, bytes, new Map());
}
