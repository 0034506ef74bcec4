// XML as it goes to a bank. In: a tree of names and texts. Out: UTF-8 text with declaration and one namespace; the same tree gives the same bytes. It escapes
// through libxml2 and has no opinion on what the names mean.

import type { XmlElement } from 'libxml2-wasm';
import { XmlDocument } from 'libxml2-wasm';

/** A name with a text, or with children in their order; attributes only where a text is. */
export interface Tree {
  readonly name: string;
  readonly content: string | readonly Tree[];
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Children that are `undefined` are left out. */
export function tree(name: string, ...children: readonly (Tree | undefined)[]): Tree {
  return { name, content: children.filter((child) => child !== undefined) };
}

export function leaf(name: string, text: string, attributes?: Readonly<Record<string, string>>): Tree {
  return attributes === undefined ? { name, content: text } : { name, content: text, attributes };
}

export function xmlOf(root: Tree, namespace: string): string {
  const document = XmlDocument.create();
  try {
    fill(document.createRoot(root.name, namespace), root);
    return document.toString({ format: true }).replace(/^<\?xml [^>]*\?>/, '<?xml version="1.0" encoding="UTF-8"?>');
  } finally {
    document.dispose();
  }
}

function fill(element: XmlElement, { content, attributes = {} }: Tree): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttr(name, value);
  if (typeof content === 'string') element.addText(content);
  else for (const child of content) fill(element.addElement(child.name), child);
}
