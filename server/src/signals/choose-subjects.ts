import type { StreamId } from '@ambit/protocol';
import { entry, type Ground, type PointCaller, refuse, span } from '../foundation/index.ts';
import { requireStream } from './change-stream.ts';
import { addSubjectAgain, listRemovedSubjects, removeSubject, subjectHash, subjectsMax } from './store.ts';
import type { Subject } from './subject.ts';

/**
 * SSF 1.0 §8.1.3: a stream hears of every subject of its tenant until it removes one, and of that again when it adds it.
 * Whether a subject exists is not told: a receiver learns nothing by trying names.
 */
export function chooseSubject(
  ground: Ground,
  caller: PointCaller,
  { id, subject, move }: { readonly id: StreamId; readonly subject: Subject; readonly move: 'add' | 'remove' },
): Promise<void> {
  return span('signals/choose-subject', async () => {
    const stream = await requireStream(ground, caller, id);
    const removed = await listRemovedSubjects(ground, caller.tenant, id);
    const known = removed.find(({ hash }) => hash === subjectHash(subject));
    if ((known !== undefined) === (move === 'remove')) return;
    if (removed.length >= subjectsMax && move === 'remove')
      throw refuse('signal.too_many_subjects', `${id} has removed ${removed.length} already`);
    await ground.database.commit({
      tenant: caller.tenant,
      changes: [known === undefined ? removeSubject(stream.id, subject) : addSubjectAgain(known)],
      entries: [
        entry({
          id: ground.newId('entry'),
          kind: 'signal.subject-chosen',
          who: caller.who,
          keys: [`ambit:enforcement-point/${caller.point}`],
          detail: { stream: id, subject, move },
        }),
      ],
    });
  });
}
