// All planted defects, in the order of the rooms that a voucher passes. In: the lists of the rooms. Out: one list, in which no name is there twice.

import { BOARD_DEFECTS } from './board-defects.ts';
import type { Defect } from './defect.ts';
import { DOOR_DEFECTS } from './door-defects.ts';
import { FAST_DEFECTS } from './fast-defects.ts';
import { JUDGE_DEFECTS } from './judge-defects.ts';
import { MONEY_DEFECTS } from './money-defects.ts';
import { PRICE_DEFECTS } from './price-defects.ts';
import { RAIL_DEFECTS } from './rail-defects.ts';
import { RECORD_DEFECTS } from './record-defects.ts';
import { RETURN_DEFECTS } from './return-defects.ts';
import { STORE_DEFECTS } from './store-defects.ts';
import { UPDATE_DEFECTS } from './update-defects.ts';
import { WALLET_DEFECTS } from './wallet-defects.ts';

export const DEFECTS: readonly Defect[] = [
  ...BOARD_DEFECTS,
  ...UPDATE_DEFECTS,
  ...DOOR_DEFECTS,
  ...FAST_DEFECTS,
  ...JUDGE_DEFECTS,
  ...STORE_DEFECTS,
  ...RECORD_DEFECTS,
  ...PRICE_DEFECTS,
  ...WALLET_DEFECTS,
  ...MONEY_DEFECTS,
  ...RAIL_DEFECTS,
  ...RETURN_DEFECTS,
];
