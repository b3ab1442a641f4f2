import type { PersonId } from '@ambit/protocol';
import {
  enrolWithPasskey,
  newProofPair,
  type Operator,
  type PersonKey,
  type Role,
  type SignedIn,
  signInWithPasskey,
} from '@ambit/sdk/operator';
import { type Lies, type SoftAuthenticator, softAuthenticator } from '../src/identity/testing-authenticator.ts';
import { freePort } from './free-port.ts';
import { type House, type HouseOptions, openHouse } from './house.ts';

/** A house whose people come to a name: passkeys belong to one, never to an address. */
export async function openNamedHouse(options: HouseOptions = {}): Promise<House> {
  const port = await freePort();
  const named = { AMBIT_PEOPLE_PORT: String(port), AMBIT_PEOPLE_ORIGIN: `http://localhost:${port}` };
  return openHouse({ ...options, env: { ...named, ...options.env } });
}

/** A person who came with a passkey, and has no other key. */
export type Holder = {
  readonly id: PersonId;
  readonly key: PersonKey;
  readonly device: SoftAuthenticator;
  readonly operator: Operator;
  readonly session: SignedIn['session'];
  readonly proofKey: Awaited<ReturnType<typeof newProofPair>>;
};

export async function joinsWithPasskey(
  house: House,
  name: string,
  roles: readonly Role[],
  device = softAuthenticator(),
): Promise<Holder> {
  const { enrolment, id } = await house.ada.operator.persons.register({ name, roles });
  const url = house.plane.people;
  const key = await enrolWithPasskey({ url, code: enrolment.code, credentials: device.browser(url), label: 'phone' });
  const proofKey = await newProofPair();
  return {
    id,
    key,
    device,
    proofKey,
    ...(await signInWithPasskey({ url, credentials: device.browser(url), proofKey })),
  };
}

/** Signs in with a device that lies, or at a page of another origin. */
export const signIn = (house: House, device: SoftAuthenticator, lies: Lies = {}, origin = house.plane.people) =>
  signInWithPasskey({ url: house.plane.people, credentials: device.browser(origin, lies) });
