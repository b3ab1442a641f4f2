import { KeyFault, newKey, newProofKey, openKey, parseKey, printKey, type SigningKey } from './wire/key.ts';

/** Where the private half of an agent's key lives. There is no other place: a key in a file is named as such, by `parseKey`. */
export type KeyPlace =
  /** Dies with this process. */
  | { readonly store: 'memory' }
  /**
   * The operating system's key store: Keychain on macOS, the Credential Manager of Windows, the Secret Service (GNOME Keyring,
   * KWallet) on Linux. Needs the package `@napi-rs/keyring` beside this one.
   */
  | OsKeyPlace;

export type OsKeyPlace = {
  readonly store: 'os';
  /** One key each: the agent, and the plane that knows it, e.g. `refund-bot at ambit.example`. */
  readonly name: string;
  /** `keyutils` is the keyring of the Linux kernel: it needs no session bus, and forgets at a restart of the machine. */
  readonly linux?: 'secret-service' | 'keyutils';
};

/**
 * The key that is kept there, made now if there is none yet (P-256). Where the place cannot be used, or holds something else
 * under that name, it throws `KeyFault`: it never falls back to another place, and never writes over what it cannot read.
 */
export async function createAgentKey(place: KeyPlace): Promise<SigningKey> {
  if (place.store === 'memory') return newProofKey();
  const kept = await openPlace(place);
  const known = await asked(place, () => kept.getPassword());
  if (known !== null && known !== undefined) return opened(place, known);
  await asked(place, async () => kept.setPassword(printKey(await newKey('ES256'))));
  // Read again: what counts is what is there, also where another process was faster or the store takes and forgets.
  const made = await asked(place, () => kept.getPassword());
  if (made === null || made === undefined) throw unusable(place, 'it did not keep the key');
  return opened(place, made);
}

/** Removes the key that is kept there; false where there is none. The plane knows its public half until a person revokes it. */
export async function forgetAgentKey(place: OsKeyPlace): Promise<boolean> {
  const kept = await openPlace(place);
  return asked(place, () => kept.deleteCredential());
}

const service = 'ambit agent key';

type Keyring = typeof import('@napi-rs/keyring');

async function openPlace(place: OsKeyPlace): Promise<InstanceType<Keyring['AsyncEntry']>> {
  if (place.name === '') throw new KeyFault('Name the key: { store: "os", name: "refund-bot at ambit.example" }.');
  const { AsyncEntry } = await keyring();
  // Pinned: left alone, the library takes another store of Linux where the first one does not answer.
  const linux = { store: place.linux ?? 'secret-service' };
  return asked(place, async () => new AsyncEntry(service, place.name, { linux }));
}

async function keyring(): Promise<Keyring> {
  try {
    return await import('@napi-rs/keyring');
  } catch (error) {
    const says =
      'Keys in the key store of the operating system need the package @napi-rs/keyring: npm install @napi-rs/keyring. ' +
      'Without it, a key can be in memory: createAgentKey({ store: "memory" }).';
    throw new KeyFault(says, { cause: error });
  }
}

async function opened(place: OsKeyPlace, text: string): Promise<SigningKey> {
  try {
    return await openKey(parseKey(text));
  } catch (error) {
    if (!(error instanceof KeyFault)) throw error;
    throw new KeyFault(
      `What the key store holds as "${place.name}" is no key of an agent. Choose another name, or remove it there.`,
    );
  }
}

async function asked<T>(place: OsKeyPlace, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unusable(place, error instanceof Error ? error.message : String(error), error);
  }
}

function unusable({ linux = 'secret-service' }: OsKeyPlace, why: string, cause?: unknown): KeyFault {
  const next =
    process.platform !== 'linux'
      ? 'Unlock it, or keep the key in memory: createAgentKey({ store: "memory" }).'
      : linux === 'keyutils'
        ? 'Allow this process the keyring of the kernel (containers often forbid it), or keep the key in memory: createAgentKey({ store: "memory" }).'
        : 'Start a Secret Service that is unlocked (a desktop session, or dbus-run-session with gnome-keyring-daemon --unlock), say linux: "keyutils", or keep the key in memory: createAgentKey({ store: "memory" }).';
  return new KeyFault(`The key store of the operating system cannot be used: ${why}. ${next}`, { cause });
}
