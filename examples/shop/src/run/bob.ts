import { readFileSync } from 'node:fs';
import { type Approval, connectOperator, parseKey } from '@ambit/sdk/operator';

/**
 * A scripted approver: an example program with Bob's credential, and nothing that Bob could not do by hand. He says yes
 * to 80.00, no to anything that splits it, and leaves 60.00 alone.
 */
const { url, person, keyFile } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly url: string;
  readonly person: Parameters<typeof connectOperator>[0]['person'];
  readonly keyFile: string;
};
const bob = await connectOperator({ url, person, key: parseKey(readFileSync(keyFile, 'utf8')) });

function answerTo({ shown }: Approval): { answer: 'yes' | 'no'; reason: string | null } | undefined {
  if (shown.amount?.amount === '80.00') return { answer: 'yes', reason: null };
  if (shown.amount?.amount === '60.00') return undefined;
  return { answer: 'no', reason: 'That splits a refund I have just decided on.' };
}

process.stdin.on('end', () => process.exit(0)).resume();
for (;;) {
  for (const question of await bob.approvals.list()) {
    const given = answerTo(question);
    if (given !== undefined) await bob.approvals.answer(question, given.answer, given.reason);
  }
  await new Promise((done) => setTimeout(done, 100));
}
