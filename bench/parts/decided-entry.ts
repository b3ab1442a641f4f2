import { type EntryId, formatId } from '@ambit/protocol';
import { type EntryDraft, entry, planeItself } from '../../server/src/foundation/index.ts';

const zero = new Uint8Array(13);
const person = formatId('person', zero);
const agent = formatId('agent', zero);
const task = formatId('task', zero);

/** An entry as the gateway writes one for a permitted call, with all that such an entry holds. */
export function decidedEntry(id: EntryId): EntryDraft {
  return entry({
    id,
    kind: 'call.decided',
    who: {
      ...planeItself,
      requester: person,
      agent,
      initiator: agent,
      instance: 'tLxxs0wkV1mbGcKsHTLxFPCz5vDZTQXYSFgNY4FVNVc',
      environment: 'test',
      zone: 'default',
      channel: 'gateway',
      proof: 'dpop',
    },
    task,
    run: task,
    action: 'shop:orders.get',
    decision: 'permit',
    keys: ['shop:order/1042'],
    detail: {
      method: 'GET',
      url: 'http://127.0.0.1:8080/orders/1042',
      arguments: { 'path.orderId': '1042' },
      bodyDigest: null,
      headers: { accept: 'application/json' },
      catalogVersion: 'sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
      token: formatId('token', zero),
      claim: { reason: null, step: null, toolCallId: null },
      trace: null,
      digest: 'sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
      credential: formatId('credential', zero),
      chain: [{ id: task, epoch: 1, agent, depth: 0 }],
      charges: [{ counter: `calls|task:${task}|0|all`, window: 0, by: '1', max: '1000', used: '5' }],
      spent: {},
      approval: null,
      now: 1_768_469_400_000,
      because: [
        {
          source: 'policy',
          name: 'policy:task-covers',
          reason: 'The call belongs to a task whose authority covers it.',
        },
      ],
      policyVersion: 'sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
    },
  });
}
