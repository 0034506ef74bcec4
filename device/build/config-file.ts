// The board's file of settings: what makes one board of many that run the same firmware. In: a device's configuration. Out: the file's bytes, with a
// checksum, as `readSettings` on the board takes them. It holds the board's secrets: it must never be printed or travel over the network.

import { createHash } from 'node:crypto';
import type { Bytes } from '../../shared/bytes.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { TABLE_FILE } from '../ed25519table.ts';
import { checkIdentity, SETTINGS_FILE, settingsOf } from '../settings.ts';
import { withShortNames } from './names.ts';
import { CODE_NAME } from './on-demand.ts';
import { baseTable } from './table.ts';

const CHECKSUM_BYTES = 8;

function sha256(data: Bytes): Bytes {
  return createHash('sha256').update(data, 'latin1').digest().toString('latin1');
}

/** Texts of people, such as a network's name, become the bytes of their UTF-8: strings are byte strings on the board. */
function byteTexts(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('latin1');
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, byteTexts(inner)]));
}

/** Throws a sentence for a configuration that no board can run. */
export function settingsFile(config: DeviceConfig): Bytes {
  const settings = settingsOf(byteTexts(config) as DeviceConfig);
  checkIdentity(settings, sha256);
  const text = JSON.stringify(withShortNames(settings));
  return sha256(text).slice(0, CHECKSUM_BYTES) + text;
}

function literal(bytes: Bytes): string {
  return `atob("${Buffer.from(bytes, 'latin1').toString('base64')}")`;
}

const PIECE_BYTES = 1536;

/** Writes the signature's table unless it is there, in pieces, one statement each: the interpreter has too few variables for the whole. */
function tableStatements(): string {
  const table = baseTable().toString('latin1');
  let text = `var T=require("Storage").read("${TABLE_FILE}")!==undefined;\n`;
  for (let at = 0; at < table.length; at += PIECE_BYTES) {
    const piece = literal(table.slice(at, at + PIECE_BYTES));
    text += `T||require("Storage").write("${TABLE_FILE}",${piece},${at},${table.length});\n`;
  }
  return `${text}delete T;\n`;
}

/** The firmware with its settings and its table as one file, for an interpreter that is handed a file instead of being flashed; a file that it reads ends at a zero byte. */
export function standaloneFile(code: Bytes, config: DeviceConfig): string {
  return `${tableStatements()}require("Storage").write("${SETTINGS_FILE}",${literal(settingsFile(config))});\neval(${CODE_NAME}=${literal(code)});\n`;
}
