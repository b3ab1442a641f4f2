/** Somebody with a name, as the organisation knows them. */
export type Named = { readonly id: string; readonly kind: 'agent' | 'person'; readonly name: string };

/** Finds whose names could be taken for this one. */
export type FindAlike = (of: Named) => readonly Named[];

/**
 * Letters of other alphabets, and digits, each run beside the Latin letters that they are drawn like: of Unicode's table of
 * confusables (UTS #39 §4) what names are made of. Capitals stand apart, since some are drawn like another letter.
 */
const drawnLike: readonly (readonly [from: string, to: string])[] = [
  ['АВЕЗКМНОРСТУХЅІЈ', 'abe3kmhopctyxslj'],
  ['авекмнорстухѕіјһԁԛԝѵӏԍүгп', 'abekmhopctyxsijhdqwvlgyrn'],
  ['ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'abezhlkmnoptyx'],
  ['αβγεηικνοπρστυχω', 'abyenikvonpotuxw'],
  ['օոսհզցյգքլ', 'onuhqgjqpl'],
  ['ᎠᎡᎢᎪᎫᎳᎷᎻᏴᏀᏚᏟᏢᏦᏞᏙᏃᎬᎩ', 'drtajwmhbgscpklvzey'],
  ['ıɑɡłøđħƅɩʋ', 'iaglodhbiv'],
  ['01|ǀ', 'olll'],
];
const latin = new Map(
  drawnLike.flatMap(([from, to]) => [...from].map((letter, at) => [letter, to[at] ?? ''] as const)),
);

/**
 * What is left of a name once everything is gone that an eye may miss: names with one skeleton in common look alike. There are
 * two, since a capital I is drawn like an l and meant as an i.
 */
export function skeletonsOf(name: string): readonly string[] {
  const seen = name.normalize('NFKD').replaceAll(/[\p{M}\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}]/gu, '');
  return [...new Set(['l', 'i'].map((capital) => skeletonOf(seen.replaceAll('I', capital))))];
}

const skeletonOf = (name: string): string =>
  [...name]
    .map((letter) => latin.get(letter) ?? letter)
    .join('')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{S}]/gu, '')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w');

/** Looks through everybody once; then each name is one look away. */
export function findAlikeAmong(known: readonly Named[]): FindAlike {
  const bySkeleton = new Map<string, Named[]>();
  for (const one of known)
    for (const skeleton of skeletonsOf(one.name)) {
      const same = bySkeleton.get(skeleton);
      if (same === undefined) bySkeleton.set(skeleton, [one]);
      else same.push(one);
    }
  return ({ id, name }) => {
    const alike = skeletonsOf(name).flatMap((skeleton) => (skeleton === '' ? [] : (bySkeleton.get(skeleton) ?? [])));
    return [...new Set(alike)].filter((one) => one.id !== id);
  };
}
