import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { AmbitRefusal, enrol, type PersonKey, type PrivateJwk } from '@ambit/sdk/operator';
import { type Command, command } from '../command.ts';
import { CliFault } from '../exit.ts';
import { readSecret } from '../files.ts';
import { file, may, whether, words } from '../kinds.ts';
import { line } from '../line.ts';
import {
  defaultKeyPath,
  defaultUrl,
  makeKeyFile,
  profilePath,
  readKeyFile,
  readProfile,
  removeFile,
  requireOrigin,
  writeProfile,
} from '../profile.ts';

export const enrolCommands: readonly Command[] = [
  command({
    name: 'enrol',
    says: 'Brings your key with a one-time code, and remembers who you are. The code is read from standard input.',
    example: 'ambit enrol --url https://ambit.example --label laptop < code.txt',
    flags: {
      codeFile: may(file, 'file with the one-time code; standard input unless given'),
      label: may(words, 'what the key is called in lists'),
      replace: whether('put this profile in the place of another one'),
    },
    async run({ world, connection, flags }) {
      const url = connection.url ?? world.env.AMBIT_URL ?? defaultUrl;
      const path = resolve(connection.key ?? world.env.AMBIT_PERSON_KEY ?? defaultKeyPath(world.env));
      requireOrigin(url);
      const known = flags.replace ? undefined : readProfile(world.env);
      if (known !== undefined) {
        const sentence = `${profilePath(world.env)} says that you are ${known.person} at ${known.url}.`;
        throw new CliFault(
          'usage',
          sentence,
          'Add --replace to put another in its place, or name a folder in AMBIT_HOME',
        );
      }
      const code = await readSecret(world, flags.codeFile, 'one-time code');
      const isNew = !existsSync(path);
      // Written before it is sent: a key that the plane knows must not be lost with an answer.
      const key = isNew ? await makeKeyFile(path) : readKeyFile(path);
      const enrolled = await enrolOrForget({ url, code, key, label: flags.label ?? 'key' }, isNew ? path : undefined);
      writeProfile(world.env, { v: 1, url, person: enrolled.person, key: path });
      return {
        value: { person: enrolled.person, key: enrolled.id, keyFile: path, profile: profilePath(world.env), url },
        lines: [
          line`You are ${enrolled.person} at ${url}; your key ${enrolled.id} is in ${path}.`,
          line`Keep a copy of that file where only you can read it. Next: ambit doctor`,
        ],
      };
    },
  }),
];

type Enrolling = { readonly url: string; readonly code: string; readonly key: PrivateJwk; readonly label: string };

async function enrolOrForget(enrolling: Enrolling, madeFile: string | undefined): Promise<PersonKey> {
  try {
    return await enrol(enrolling);
  } catch (error) {
    // A key that was refused is of no use to anybody.
    if (error instanceof AmbitRefusal && madeFile !== undefined) removeFile(madeFile);
    throw error;
  }
}
