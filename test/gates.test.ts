/** Where two persons are wanted, they are wanted for what a row says it lowers: so no row of people may be silent about it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listeners } from '../scripts/parts/references.ts';

/** Rows that change something and lower no gate for anybody, each with what makes that so. */
const lowersNone: Readonly<Record<string, string>> = {
  // What somebody shows is what opens it; to give that out is a row of its own.
  'POST /v1/sessions': 'an enrolled key signs',
  'POST /v1/sessions/passkey/options': 'a challenge',
  'POST /v1/sessions/passkey': 'a passkey signs',
  'POST /v1/enrolments/redeem': 'a code, which lowered when it was issued',
  'POST /v1/enrolments/passkey/options': 'a code, which lowered when it was issued',
  'POST /v1/enrolments/passkey/redeem': 'a code, which lowered when it was issued',
  'POST /v1/person-keys/passkey/options': 'a challenge, for oneself',
  'POST /v1/person-keys/passkey': 'for oneself, by a key that one has',
  'POST /v1/sign-in/oidc/start': 'opens nothing yet',
  'POST /v1/sign-in/oidc/finish': 'the provider’s word, which lowered when the provider and its groups were set',
  'POST /v1/proposals/:proposal/answer': 'the second person',
  'POST /v1/approvals/:approval/answer': 'a signature over one call, by the rules about who answers',
  'POST /v1/approvals/answers': 'one signature over several calls, by the same rules for each',

  // An owner about an agent of their own, and nobody else.
  'POST /v1/agents': 'a draft, which has no key and does nothing before its owner activates it',
  'POST /v1/agents/:agent/activate': 'the owner alone',
  'POST /v1/agents/:agent/resume': 'the owner alone',
  'POST /v1/agents/:agent/keys/:key/rotate': 'the owner alone',
  'POST /v1/standing-grants': 'the owner alone, by a signature',

  // One's own tasks, within what one may hand out.
  'POST /v1/tasks': 'within what the caller may delegate',
  'POST /v1/log/entries/:entry/undo': 'one call, within what the caller may delegate, and decided like any',
  'POST /v1/tasks/:task/narrow': 'takes away',
  'POST /v1/tasks/:task/authenticate': 'proves who asked, by that person alone',
  'PUT /v1/me/notifications': 'of oneself',

  // What is taken away, ended or revoked.
  'DELETE /v1/sessions/current': 'takes away',
  'POST /v1/persons/:person/disable': 'takes away',
  'DELETE /v1/person-keys/:key': 'takes away',
  'POST /v1/agents/:agent/suspend': 'takes away',
  'POST /v1/agents/:agent/retire': 'takes away',
  'POST /v1/agents/:agent/end-tasks': 'takes away',
  'DELETE /v1/agents/:agent/enrolments': 'takes away',
  'DELETE /v1/agents/:agent/keys/:key': 'takes away',
  'DELETE /v1/agents/:agent/identities/:identity': 'takes away',
  'POST /v1/agents/:agent/template-keys/:key/revoke': 'takes away',
  'DELETE /v1/standing-grants/:grant': 'takes away',
  'DELETE /v1/enforcement-points/:point': 'takes away',
  'DELETE /v1/trust-domains/:name': 'takes away, with the names of agents that stood on it',
  'DELETE /v1/token-issuers/:issuer': 'takes away, with the rules of agents that stood on it',
  'DELETE /v1/sign-in/providers/:provider': 'takes away, with what its groups gave',
  'POST /v1/sign-in/providers/:provider/persons/forget': 'takes away',
  'POST /v1/sign-in/providers/:provider/groups/forget': 'takes away',
  'POST /v1/tokens/:token/revoke': 'takes away',
  'POST /v1/tasks/:task/revoke': 'takes away',
  'POST /v1/elevations/:elevation/end': 'takes away',
  'POST /v1/remembered-yeses/:remembered/end': 'takes away',
  'DELETE /v1/signals/transmitters/:transmitter': 'its word only disables: what decides is the same without it',
  'POST /v1/signals/transmitters/:transmitter/persons':
    'its word only disables; who inherits lowered when it was registered',
  'POST /v1/signals/transmitters/:transmitter/persons/forget':
    'its word only disables: what decides is the same without it',

  // A record beside what decides.
  'POST /v1/agents/:agent/users': 'an agent user proves nothing',
  'DELETE /v1/agents/:agent/users/:user': 'an agent user proves nothing',
  'POST /v1/enforcement-points': 'asks, and is answered; it permits nothing here',
  'POST /v1/apis': 'a description proposes: what would lower waits for a confirmation',
  'POST /v1/apis/check': 'changes nothing',
  'POST /v1/apis/:api/overlays/check': 'changes nothing',
  'POST /v1/unmatched/:group/promotion': 'the strictest action there is',
  'POST /v1/purposes': 'a name that rules may speak of',
  'POST /v1/templates': 'gives nothing to who does not hold it',
  'POST /v1/policies/check': 'changes nothing',
  'POST /v1/channels': 'nothing is answered by a channel',
  'POST /v1/channels/:channel/rotate': 'nothing is answered by a channel',
  'POST /v1/channels/:channel/test': 'nothing is answered by a channel',
  'POST /v1/channels/:channel/enable': 'nothing is answered by a channel',
  'DELETE /v1/channels/:channel': 'nothing is answered by a channel',

  // Not held back, and ARCHITECTURE.md says so among its weak spots.
  'POST /v1/domains/:domain': 'no agent of Ambit is in a domain',
  'POST /v1/domains/:domain/check': 'changes nothing',
  'POST /v1/credentials': 'for the origins it names; what is called with it is decided',
  'POST /v1/credentials/:credential/rotate': 'the same origins',
  'POST /v1/credentials/:credential/disable': 'takes away',
};

const all = listeners();
const rows = all.find(({ title }) => title.startsWith('The people'))?.routes ?? [];
const nameOf = ({ method, path }: (typeof rows)[number]) => `${method} ${path}`;
const silent = rows.filter(({ method, lowers }) => method !== 'GET' && lowers === undefined).map(nameOf);

test('each row by which people change something says which gate it lowers, or stands here with why it lowers none', () => {
  assert.ok(rows.length > 100, `only ${rows.length} rows were read`);
  assert.deepEqual(silent.toSorted(), Object.keys(lowersNone).toSorted());
});

test('a row that lowers is one of people, which have somebody else to ask', () => {
  const lowering = all.flatMap(({ routes }) => routes.filter(({ lowers }) => lowers !== undefined));
  assert.ok(lowering.length > 20, `only ${lowering.length} rows lower`);
  for (const row of lowering)
    assert.ok(rows.includes(row) && row.who !== 'public' && row.method !== 'GET', nameOf(row));
});
