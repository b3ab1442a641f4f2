import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from './compile.ts';
import { closeHierarchy } from './entities.ts';
import { match } from './evaluate.ts';
import type { Json, JsonObject } from './json.ts';
import { entityUid, recordOf } from './value.ts';

// What the smallest rules mean, by themselves: no second evaluator, no text.

const any: Json = { op: 'All' };
const head = { effect: 'permit', principal: any, action: any, resource: any };
const [alice, team] = [entityUid('U', 'alice'), entityUid('G', 'team')];
const entity = (uid: typeof alice, ...parents: (typeof alice)[]) => ({
  uid,
  attributes: new Map(),
  tags: new Map(),
  parents,
});
const entities = closeHierarchy([entity(alice, team), entity(team)]);
const request = {
  ...{ principal: alice, action: entityUid('Action', 'read'), resource: entityUid('R', 'r') },
  context: recordOf({ n: 7 }),
};

const permits = (tree: JsonObject): boolean =>
  match(compile([{ id: 'p', tree: { ...head, conditions: [], ...tree } }]), { ...request, entities }).permits.length ===
  1;
const holds = (body: Json) => permits({ conditions: [{ kind: 'when', body }] });
const value = (of: Json): Json => ({ Value: of });
const uid = (type: string, id: string): Json => ({ __entity: { type, id } });

test('each variable is the part of the request that it names', () => {
  const named: [string, Json][] = [
    ['principal', uid('U', 'alice')],
    ['action', uid('Action', 'read')],
    ['resource', uid('R', 'r')],
    ['context', { n: 7 }],
  ];
  for (const [name] of named) {
    for (const [other, expected] of named)
      assert.equal(
        holds({ '==': { left: { Var: name }, right: value(expected) } }),
        name === other,
        `${name} ${other}`,
      );
  }
});

const ordered: Record<string, readonly [Json, Json]> = {
  integers: [value(1), value(2)],
  datetimes: [{ datetime: [value('2027-01-01')] }, { datetime: [value('2027-01-02')] }],
  durations: [{ duration: [value('1h')] }, { duration: [value('61m')] }],
};

for (const [what, [low, high]] of Object.entries(ordered)) {
  test(`${what} are in order, and equal ones neither before nor behind each other`, () => {
    const truths = (operator: string) =>
      [
        [low, high],
        [low, low],
        [high, low],
      ].map(([left, right]) => holds({ [operator]: { left: left!, right: right! } }));
    assert.deepEqual(truths('<'), [true, false, false]);
    assert.deepEqual(truths('<='), [true, true, false]);
    assert.deepEqual(truths('>'), [false, false, true]);
    assert.deepEqual(truths('>='), [false, true, true]);
    assert.deepEqual(truths('=='), [false, true, false]);
    assert.deepEqual(truths('!='), [true, false, true]);
  });
}

test('a head that names an entity means it alone, one that says `in` those below it too', () => {
  const [ofAlice, ofTeam] = [
    { type: 'U', id: 'alice' },
    { type: 'G', id: 'team' },
  ];
  assert.equal(permits({ principal: { op: '==', entity: ofAlice } }), true);
  assert.equal(permits({ principal: { op: '==', entity: ofTeam } }), false);
  assert.equal(permits({ principal: { op: 'in', entity: ofAlice } }), true);
  assert.equal(permits({ principal: { op: 'in', entity: ofTeam } }), true);
  assert.equal(permits({ principal: { op: 'in', entity: { type: 'G', id: 'all' } } }), false);
  assert.equal(permits({ principal: { op: 'is', entity_type: 'U' } }), true);
  assert.equal(permits({ principal: { op: 'is', entity_type: 'G' } }), false);
  assert.equal(permits({ principal: { op: 'is', entity_type: 'U', in: { entity: ofTeam } } }), true);
  assert.equal(permits({ principal: { op: 'is', entity_type: 'G', in: { entity: ofTeam } } }), false);
  assert.equal(permits({ principal: { op: 'is', entity_type: 'U', in: { entity: { type: 'G', id: 'x' } } } }), false);
  assert.equal(
    permits({
      action: {
        op: 'in',
        entities: [
          { type: 'Action', id: 'write' },
          { type: 'Action', id: 'read' },
        ],
      },
    }),
    true,
  );
  assert.equal(permits({ action: { op: 'in', entities: [] } }), false);
});
