import { answer, type Command, command } from '../command.ts';
import { CliFault } from '../exit.ts';
import { file, may, whether } from '../kinds.ts';
import { line, table } from '../line.ts';
import type { KeyDescription } from '../server.ts';
import { showDistance } from '../show/times.ts';
import { startFault } from '../start-fault.ts';
import type { World } from '../world.ts';

const place = {
  data: may(file, 'folder of the embedded store (AMBIT_DATA)'),
  keys: may(file, 'file with the plane’s own keys, mode 600 (AMBIT_KEYS)'),
};

type Place = { readonly data: string | undefined; readonly keys: string | undefined };

export const keysCommands: readonly Command[] = [
  command({
    name: 'keys show',
    says: 'Shows the plane’s own keys by kind, id and age; never a secret. The log names the same ids.',
    example: 'ambit keys show',
    isLocal: true,
    flags: place,
    async run({ world, flags }) {
      return shown(world, await withKeys(world, flags, 'No key was read', ({ loadKeys }, source) => loadKeys(source)));
    },
  }),
  command({
    name: 'keys rotate',
    says: 'Puts a new key in front: the one that signs tokens, the one that seals credentials, or those of SVIDs. What the older made still opens.',
    example: 'ambit keys rotate --tokens',
    isLocal: true,
    flags: {
      tokens: whether('the key that signs tokens'),
      vault: whether('the key that seals downstream credentials'),
      svids: whether('the keys that sign SVIDs of agents; before there are any, none are issued'),
      ...place,
    },
    async run({ world, flags: { tokens, vault, svids, ...where } }) {
      const [chosen, ...more] = [
        ...(tokens ? [rotations.tokens] : []),
        ...(vault ? [rotations.vault] : []),
        ...(svids ? [rotations.svids] : []),
      ];
      if (chosen === undefined || more.length > 0) {
        throw new CliFault(
          'usage',
          'One of --tokens, --vault and --svids is needed, and no more.',
          'Rotate one after the other',
        );
      }
      const { verb, next } = chosen;
      const rotated = await withKeys(world, where, 'Nothing was changed', (verbs, source) =>
        verbs[verb](source, world.clock),
      );
      const { value, lines } = shown(world, rotated);
      return answer(value, ...lines, next, line`Then bring a copy of the key file to where you keep the last one.`);
    },
  }),
];

const rotations = {
  tokens: {
    verb: 'rotateTokenKey',
    next: line`Next: restart Ambit, which then signs with the new key. Tokens that are out stay good until they end.`,
  },
  vault: {
    verb: 'rotateVaultKey',
    next: line`Next: restart Ambit, which then seals every credential anew. Keep the older keys as long as you keep backups from their time.`,
  },
  svids: {
    verb: 'rotateSvidKey',
    next: line`Next: restart Ambit, which then signs SVIDs with the new keys and publishes them beside the older ones.`,
  },
} as const;

type Server = typeof import('../server.ts');
type KeyVerbs = Pick<Server, 'loadKeys' | 'rotateSvidKey' | 'rotateTokenKey' | 'rotateVaultKey'>;
type Source = ReturnType<Server['keySourceOf']>;
type Shown = { readonly described: readonly KeyDescription[] };

async function withKeys(
  { env }: World,
  { data, keys }: Place,
  failed: string,
  work: (verbs: KeyVerbs, source: Source) => Shown,
): Promise<Shown> {
  const { keySourceOf, loadKeys, readConfig, rotateSvidKey, rotateTokenKey, rotateVaultKey } = await import(
    '../server.ts'
  );
  const verbs = { loadKeys, rotateSvidKey, rotateTokenKey, rotateVaultKey };
  try {
    const said = { ...env, ...(data && { AMBIT_DATA: data }), ...(keys && { AMBIT_KEYS: keys }) };
    return work(verbs, keySourceOf(readConfig(said)));
  } catch (error) {
    throw startFault(failed, error);
  }
}

function shown({ clock }: World, { described }: Shown) {
  const rows = described.map(({ kind, id, use, madeAt }) => {
    const age = madeAt === null ? 'its file does not say' : showDistance(madeAt, clock());
    return [names[kind], id, use, age];
  });
  return { value: { keys: described }, lines: table(['Key', 'Id', 'Use', 'Made'], rows) };
}

const names: Record<KeyDescription['kind'], string> = {
  log: 'log (Ed25519)',
  master: 'master secret',
  token: 'tokens (ES256)',
  vault: 'vault (AES-256)',
  svid: 'SVIDs (ES256, RSA)',
};
