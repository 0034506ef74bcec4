// The messages that bring new firmware, from hex to JSON and back, for the vectors. In: hex, or a message as JSON. Out: the other one. Written in the Espruino subset:
// this very file is bundled for the interpreter too. It must add no judgement of its own.

import type { Bytes } from '../../shared/bytes.ts';
import { toHex } from '../../shared/bytes.ts';
import type { HubId } from '../../shared/identity.ts';
import type { Offer, Piece } from '../../shared/offer.ts';
import { offerSignedBytes, offerTerms } from '../../shared/offer.ts';
import type { ReportState } from '../../shared/report.ts';
import { readReport, REPORT_STATES, writeReport } from '../../shared/report.ts';
import type { Fields } from './fields.ts';
import { numberOf, octetsOf, textOf } from './fields.ts';

export function offerFields(offer: Offer): Fields {
  return {
    kind: 'offer',
    version: offer.version,
    build: toHex(offer.build),
    fileBytes: offer.fileBytes,
    digest: toHex(offer.digest),
    signature: toHex(offer.signature),
  };
}

export function pieceFields(piece: Piece): Fields {
  return { kind: 'piece', at: piece.at, bytes: toHex(piece.bytes) };
}

function offerFrom(value: Fields, signature: Bytes): Offer {
  return {
    kind: 'offer',
    version: numberOf(value, 'version'),
    build: octetsOf(value, 'build'),
    fileBytes: numberOf(value, 'fileBytes'),
    digest: octetsOf(value, 'digest'),
    signature: signature,
  };
}

/** An offer or a piece from its JSON. */
export function updateFrom(value: Fields): Offer | Piece {
  if (textOf(value, 'kind') === 'offer') return offerFrom(value, octetsOf(value, 'signature'));
  return { kind: 'piece', at: numberOf(value, 'at'), bytes: octetsOf(value, 'bytes') };
}

export function offerStructure(input: Fields): Fields {
  return { hex: toHex(offerSignedBytes(offerTerms(offerFrom(input, '')), octetsOf(input, 'hub') as HubId)) };
}

export function decodeReportFields(input: Fields): Fields {
  const report = readReport(octetsOf(input, 'hex'));
  if (typeof report === 'string') return { refusal: 'malformed', detail: report };
  return {
    kind: 'report',
    version: report.version,
    build: toHex(report.build),
    state: report.state,
    offered: report.offered,
    at: report.at,
  };
}

export function encodeReportFields(value: Fields): Fields {
  const code = REPORT_STATES.indexOf(textOf(value, 'state') as ReportState);
  const items = {
    version: numberOf(value, 'version'),
    build: octetsOf(value, 'build'),
    code: code,
    offered: numberOf(value, 'offered'),
    at: numberOf(value, 'at'),
  };
  return { hex: toHex(writeReport(items)) };
}
