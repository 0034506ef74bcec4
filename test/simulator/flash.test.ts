// The modelled flash behaves like flash: writing only clears bits, erasing sets them, a cut leaves an operation half done, and worn pages take nothing.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../simulator/random.ts';
import { createFlash, PowerCut } from '../../simulator/world/flash.ts';

const byte = (text: string, at: number): number => text.charCodeAt(at);

describe('flash', () => {
  it('is blank at first, and keeps what is written', () => {
    const { pageFlash } = createFlash(seededRandom(1, 'flash'));
    expect(pageFlash.read(3, 8, 4)).toBe('\xff\xff\xff\xff');
    pageFlash.write(3, 8, 'abcd');
    expect(pageFlash.read(3, 6, 8)).toBe('\xff\xffabcd\xff\xff');
    pageFlash.erase(3);
    expect(pageFlash.read(3, 8, 4)).toBe('\xff\xff\xff\xff');
  });

  it('clears bits and never sets one, whether an operation is done or cut short', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary-ascii', minLength: 4, maxLength: 64 }),
        fc.integer(),
        fc.boolean(),
        (bytes, seed, isCut) => {
          const flash = createFlash(seededRandom(seed, 'flash'));
          flash.pageFlash.write(0, 0, '\x0f'.repeat(64));
          flash.cutsNow = () => isCut;
          try {
            flash.pageFlash.write(0, 0, bytes);
          } catch (error) {
            if (!(error instanceof PowerCut)) throw error;
          }
          const after = flash.pageFlash.read(0, 0, bytes.length);
          for (let i = 0; i < bytes.length; i++) {
            expect(byte(after, i) & ~0x0f).toBe(0);
            expect(byte(after, i) & (0x0f & byte(bytes, i))).toBe(0x0f & byte(bytes, i));
            if (!isCut) expect(byte(after, i)).toBe(0x0f & byte(bytes, i));
          }
        },
      ),
    );
  });

  it('throws when the power goes, at a page as at a file, and what was there before may be torn', () => {
    const flash = createFlash(seededRandom(2, 'flash'));
    flash.writeFile('ts.a', 'before');
    flash.cutsNow = () => true;
    expect(() => flash.pageFlash.write(0, 0, 'abcd')).toThrow(PowerCut);
    expect(() => flash.pageFlash.erase(0)).toThrow(PowerCut);
    expect(() => flash.writeFile('ts.a', 'afterwards')).toThrow(PowerCut);
    expect('afterwards'.startsWith(flash.readFile('ts.a') ?? 'nothing')).toBe(true);
  });

  it('wears out: a page that was erased too often takes nothing more', () => {
    const flash = createFlash(seededRandom(3, 'flash'));
    flash.enduranceErasures = 2;
    for (let i = 0; i < 2; i++) flash.pageFlash.erase(5);
    flash.pageFlash.write(5, 0, 'good');
    flash.pageFlash.erase(5);
    flash.pageFlash.write(5, 0, 'lost');
    expect(flash.pageFlash.read(5, 0, 4)).toBe('good');
    expect(flash.mostErasures()).toBe(3);
  });

  it('can be put back to what it was, and an image is a copy', () => {
    const flash = createFlash(seededRandom(4, 'flash'));
    flash.pageFlash.write(1, 0, 'old!');
    flash.writeFile('ts.a', 'old');
    const image = flash.image();
    flash.pageFlash.erase(1);
    flash.writeFile('ts.a', 'new');
    flash.restore(image);
    expect(flash.pageFlash.read(1, 0, 4)).toBe('old!');
    expect(flash.readFile('ts.a')).toBe('old');
    flash.pageFlash.erase(1);
    flash.restore(image);
    expect(flash.pageFlash.read(1, 0, 4)).toBe('old!');
  });
});
