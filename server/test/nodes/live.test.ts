// A person looks at one node while an agent works at another: what is told can be read there at once.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { noPostgres } from '../../src/foundation/database/testing.ts';
import { refund } from '../attacks/witness.ts';
import { openSeveral, type Several } from './several.ts';

describe('a stream of events at one node', { skip: noPostgres }, () => {
  let several: Several;
  before(async () => {
    several = await openSeveral();
  });
  after(() => several.close());

  test('tells within a moment what another did, and the node has it then', async () => {
    const { house, first } = several;
    const second = await several.join('second');
    const agent = await several.agentAt(first, house.refundBot);
    const token = await agent.accept(await house.openTask());
    several.peopleAt(second);
    const leave = new AbortController();
    const late: number[] = [];
    let began = 0;
    for await (const { event } of house.bob.operator.live({ signal: leave.signal })) {
      if (event.type === 'open') {
        began = performance.now();
        assert.equal((await refund(agent, token, '80.00')).status, 202);
      }
      if (event.type !== 'approval') continue;
      const question = await house.bob.operator.approvals.show(event.approval);
      if (event.what === 'asked') {
        assert.equal(question.state, 'parked');
        late.push(performance.now() - began);
        await house.bob.operator.approvals.answer(question, 'no');
      } else {
        assert.equal(question.state, 'refused', 'the event came before the row');
        leave.abort();
      }
    }
    assert.ok(late[0] !== undefined && late[0] < 5000, `${late[0]} ms`);
  });
});
