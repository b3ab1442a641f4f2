import { connectOperator, enrol, newKey } from '@ambit/sdk/operator';
import { loadKeys, openSqlite, randomId, systemClock } from '../../src/foundation/index.ts';
import { createTenant, firstAdministrator } from '../../src/identity/index.ts';
import { publishDefault } from '../../src/policy/index.ts';
import { type House, type Player, shopDescription, wholeShop } from '../house.ts';

/** A second organisation in the same store, made where an operator's shell would make it. */
export async function foundUmbra(house: House): Promise<string> {
  await house.plane.close();
  const { dataDirectory, keyFile: file } = house.config;
  const database = await openSqlite({
    directory: dataDirectory,
    clock: systemClock,
    detailKey: loadKeys({ file, json: null, dataDirectory }).derive('log-detail'),
  });
  const ground = { database, clock: systemClock, newId: randomId };
  const { tenant } = await createTenant(ground, 'Umbra');
  await publishDefault(ground, tenant.id);
  const { code } = await firstAdministrator(ground, tenant.id, 'Mallory');
  await database.close();
  house.plane = { ...house.plane, close: async () => undefined };
  await house.restart();
  return code.unwrap();
}

/** Mallory's firm with the API of ours, at the same address: she administers it, Mel asks and approves. */
export async function openUmbra(house: House, server: string): Promise<{ mallory: Player; mel: Player }> {
  const enter = async (code: string): Promise<Player> => {
    const key = await newKey();
    const url = house.plane.people;
    const { person } = await enrol({ url, code, key });
    return { id: person, key, operator: await connectOperator({ url, person, key }) };
  };
  const mallory = await enter(await foundUmbra(house));
  const wanted = { name: 'Mel', roles: ['approver', 'auditor', 'owner'], delegable: wholeShop } as const;
  const mel = await enter((await mallory.operator.persons.register(wanted)).enrolment.code);
  const { catalog, tasks } = mallory.operator;
  await catalog.import({ name: 'shop', text: shopDescription(), server, zone: 'default', environment: 'test' });
  const { revision } = await catalog.show('shop');
  await catalog.confirm('shop', { revision });
  await tasks.definePurpose({ name: 'support', says: 'Anything.' });
  return { mallory, mel };
}
