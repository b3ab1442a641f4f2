import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAuthority } from './read-authority.ts';

test('grants are read as the plane reads them', () => {
  const grants = [{ type: 'ambit_grant', actions: ['shop:orders.get'], limits: [{ calls: 3, seconds: 60 }] }];
  assert.deepEqual(readAuthority(JSON.stringify(grants)), { authority: grants });
  const bounded = [{ type: 'ambit_grant', actions: ['shop:a'], where: { 'query.limit': { all: [{ equals: 30 }] } } }];
  assert.ok('authority' in readAuthority(JSON.stringify(bounded)));
});

test('what they lack is said', () => {
  assert.deepEqual(readAuthority('[{'), { fault: 'This is no JSON.' });
  const wild = readAuthority(JSON.stringify([{ type: 'ambit_grant', actions: ['shop:*'] }]));
  assert.match('fault' in wild ? wild.fault : '', /there are no wildcards/);
});
