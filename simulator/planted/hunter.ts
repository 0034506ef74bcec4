// One process of a hunt: it does one piece of work after the other as it is told. In: messages of the process that started it. Out: an answer for each. It ends when nobody listens any more.

import { loadScenario } from '../scenario-file.ts';
import { DEFECTS } from './catalogue.ts';
import { firstBroken, hunt } from './hunt.ts';
import type { Answer, Ground, Piece } from './hunters.ts';

const ground = JSON.parse(process.argv[2] ?? '') as Ground;
const scenario = loadScenario(ground.scenario);

async function answerTo(piece: Piece): Promise<Answer> {
  if (piece.kind === 'clean') return { ...piece, broken: await firstBroken(scenario, piece.seed) };
  const defect = DEFECTS.find(({ id }) => id === piece.id);
  if (defect === undefined) throw new Error(`there is no defect ${piece.id}`);
  return { kind: 'finding', finding: await hunt(scenario, defect, ground.seeds) };
}

process.on('message', (piece: Piece) => {
  void answerTo(piece).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit(0));
// The terminal sends Ctrl-C to the whole group; the process that started this one decides what it means.
process.on('SIGINT', () => undefined);
