// One process of a hunt. In: pieces of work, as the process that started it gives them. Out: an answer for each.

import { joinCrew } from '../crew.ts';
import { loadScenario } from '../scenario-file.ts';
import { DEFECTS } from './catalogue.ts';
import { firstBroken, hunt } from './hunt.ts';
import type { Answer, Ground, Piece } from './hunters.ts';

joinCrew((ground: Ground) => {
  const scenario = loadScenario(ground.scenario);
  return async (piece: Piece): Promise<Answer> => {
    if (piece.kind === 'clean') return { ...piece, broken: await firstBroken(scenario, piece.seed) };
    const defect = DEFECTS.find(({ id }) => id === piece.id);
    if (defect === undefined) throw new Error(`there is no defect ${piece.id}`);
    return { kind: 'finding', finding: await hunt(scenario, defect, ground.seeds) };
  };
});
