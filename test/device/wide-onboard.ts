// Runs on the interpreter: how many variables more a number takes when it passes 8191. In: nothing. Out: lines `#wide`, `#plain`, then `#done`.

import { wide } from '../../device/wide.ts';

declare const process: { readonly memory: () => { readonly usage: number } };
declare function print(line: string): void;

const held = { wide: wide(1), plain: 1 };
const used = new Uint16Array(3); // takes the same memory all the time

function look(at: number): void {
  used[at] = process['memory']()['usage'];
}

look(0);
held.wide += 10000;
look(1);
held.plain += 10000;
look(2);
print('#wide ' + (used[1]! - used[0]!));
print('#plain ' + (used[2]! - used[1]!));
print('#done');
