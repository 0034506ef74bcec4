// XML that came from outside: a bank's file, or whatever somebody put in its place. In: bytes. Out: a tree of plain objects in one namespace, or a sentence. No
// document type, no entity, nothing from another file or the network; bounded in size and depth. The parser is libxml2 in WebAssembly, which has no way
// out of its own memory.

import type { XmlNode } from 'libxml2-wasm';
import { ParseOption, XmlCData, XmlDocument, XmlElement, XmlError, XmlText } from 'libxml2-wasm';

/** Some 20,000 transactions as banks write them. */
const MAX_XML_BYTES = 20_000_000;

export interface XmlTree {
  readonly name: string;
  /** Of an element without children. */
  readonly text: string;
  readonly children: readonly XmlTree[];
  readonly attributes: Readonly<Record<string, string>>;
}

export interface XmlFile {
  readonly namespace: string;
  readonly root: XmlTree;
}

export function readXml(bytes: Uint8Array): XmlFile | string {
  if (bytes.length > MAX_XML_BYTES) return `expected at most ${MAX_XML_BYTES} bytes, got ${bytes.length}`;
  const fault = faultOfBytes(bytes);
  if (fault !== undefined) return fault;
  try {
    const options = ParseOption.XML_PARSE_NO_XXE | ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_SYS_CATALOG;
    const document = XmlDocument.fromBuffer(bytes, { option: options });
    try {
      return fileOf(document);
    } finally {
      document.dispose();
    }
  } catch (error) {
    if (error instanceof XmlError) return `expected well-formed XML: ${oneLine(error.message)}`;
    throw error;
  }
}

/** Only encodings in which ASCII is ASCII: then a document type cannot hide from this look at the bytes. */
function faultOfBytes(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (!/^(?:\xef\xbb\xbf)?\s*</.test(text) || text.includes('\0'))
    return 'expected XML in UTF-8 or another encoding that contains ASCII';
  return /<!(?:DOCTYPE|ENTITY)/i.test(text) ? 'expected no document type and no entities, found one' : undefined;
}

function fileOf(document: XmlDocument): XmlFile | string {
  if (document.dtd !== null) return 'expected no document type and no entities, found one';
  const { root } = document;
  const namespace = root.namespaceUri;
  return { namespace, root: treeOf(root, namespace) };
}

/** What stands in another namespace is somebody's addition and is not looked at. */
function treeOf(element: XmlElement, namespace: string): XmlTree {
  const children: XmlTree[] = [];
  let text = '';
  for (let node: XmlNode | null = element.firstChild; node !== null; node = nextOf(node)) {
    if (node instanceof XmlElement) {
      if (node.namespaceUri === namespace) children.push(treeOf(node, namespace));
    } else if (node instanceof XmlText || node instanceof XmlCData) text += node.content;
  }
  const attributes = Object.fromEntries(element.attrs.map((attribute) => [attribute.name, attribute.value]));
  return { name: element.name, text: children.length === 0 ? text.trim() : '', children, attributes };
}

function nextOf(node: XmlNode): XmlNode | null {
  return 'next' in node ? (node.next as XmlNode | null) : null;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 200);
}

/** The first on the way; `undefined` when one is missing. */
export function at(tree: XmlTree | undefined, ...path: readonly string[]): XmlTree | undefined {
  return path.reduce<XmlTree | undefined>((found, name) => found?.children.find((child) => child.name === name), tree);
}

export function textAt(tree: XmlTree | undefined, ...path: readonly string[]): string | undefined {
  const found = at(tree, ...path);
  return found === undefined || found.text === '' ? undefined : found.text;
}

export function allAt(tree: XmlTree | undefined, name: string): readonly XmlTree[] {
  return tree?.children.filter((child) => child.name === name) ?? [];
}
