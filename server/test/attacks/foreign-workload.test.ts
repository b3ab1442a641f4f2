// A job of somebody else's repository, or an issuer that passes for another, comes with a token that nearly fits our agent.
import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import { openCiHouse } from '../ci-house.ts';
import { type Claims, rule } from '../ci-service.ts';
import type { Page } from '../spiffe-domain.ts';

const scene = await openCiHouse();
const { house, ci, other, ruleText, bind, honest, logIn, isRefused, passing } = scene;
beforeEach(() => {
  ci.change(() => undefined);
});
after(scene.close);

test('the job itself gets in, so that the refusals below are about what differs', async () => {
  assert.equal((await logIn(await honest())).status, 200);
});

describe('claims are compared letter by letter, all of them', () => {
  const wrong: Record<string, Claims> = {
    'another repository': { repository: 'mallory/shop' },
    'a longer one': { repository: 'acme/shop-mirror' },
    'a shorter one': { repository: 'acme/sho' },
    'another case': { repository: 'Acme/shop' },
    'a list with the right one': { repository: ['acme/shop', 'mallory/shop'] },
    'a list of the right one': { repository: ['acme/shop'] },
    'an object': { repository: { toString: 'acme/shop' } },
    'a pattern': { repository: 'acme/*' },
    nothing: { repository: undefined },
    'another branch': { ref: 'refs/heads/main2' },
    'no environment': { environment: undefined },
  };
  for (const [name, claims] of Object.entries(wrong)) {
    test(name, async () => isRefused(logIn(await honest(claims))));
  }

  test('an audience that is another’s, or one among others', async () => {
    await isRefused(logIn(await ci.token('https://payroll.example')));
    await isRefused(logIn(await ci.token([house.plane.agents, 'https://payroll.example'])));
  });
});

describe('a rule that could fit a foreign workload is not registered', () => {
  const refuses = async (claims: object, says: RegExp) => {
    await assert.rejects(bind(house.lookupBot.id, claims), says);
  };
  test('without a claim that says whose it is', () => refuses({ environment: 'production' }, /whose workload/));
  test('with no claims at all', () => refuses({}, /whose workload/));
  test('with a pattern', () => refuses({ repository: 'acme/*' }, /letter by letter/));
  test('with a list', () => refuses({ repository: ['acme/shop'] }, /one text/));
  test('with claims that every token is checked for', () => refuses({ ...rule, iss: 'x' }, /one text, and none/));
  test('in two spellings', async () => {
    const subject = ` ${ruleText(rule)}`;
    const wanted = { method: 'workload_token', issuer: ci.issuer, subject };
    await assert.rejects(house.alice.operator.agents.addIdentity(house.lookupBot.id, wanted), /canonical/);
  });
  test('that is another agent’s already', () => refuses(rule, /one name stands for one agent/));
  test('for an issuer that nobody named', async () => {
    await assert.rejects(bind(house.lookupBot.id, rule, 'https://mallory.example'), /issuer must be one of/);
  });
});

describe('an issuer that is mixed up with another gives no keys', () => {
  const fresh = async (page: (path: string) => Page | undefined) => {
    passing(4000);
    ci.change(page);
    await isRefused(logIn(await honest()), 'workload_token.untrusted');
  };
  const metadata = (more: object) => (path: string) =>
    path === '/keys'
      ? undefined
      : { body: JSON.stringify({ issuer: ci.issuer, jwks_uri: `${ci.issuer}/keys`, ...more }) };
  test('its metadata says to be another’s', () => fresh(metadata({ issuer: other.issuer })));
  test('its keys are at another origin', () => fresh(metadata({ jwks_uri: `${other.issuer}/keys` })));
  test('its keys are at a metadata address', () => fresh(metadata({ jwks_uri: 'https://169.254.169.254/keys' })));
  test('it redirects', () => fresh(() => ({ status: 302, headers: { location: `${other.issuer}/keys` } })));
});
