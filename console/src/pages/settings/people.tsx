import { type PersonId, parseId } from '@ambit/protocol';
import type { DisabledPerson, EnrolmentCode, PersonInShort, Role } from '@ambit/sdk/operator';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { EndConfirm } from '../../kit/end-confirm.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Attempt, TextField } from '../../kit/form.tsx';
import { LooksLike } from '../../kit/looks-like.tsx';
import { readTime } from '../../kit/read-time.ts';
import { ShownOnce } from '../../kit/shown-once.tsx';
import { ErrorState, Loading } from '../../kit/states.tsx';
import { Who } from '../../kit/who.tsx';
import { LacksRole } from '../../plane/lacks-role.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { useRead } from '../../plane/use-read.ts';
import { Delegable } from './delegable.tsx';
import { Providers } from './providers.tsx';
import { RoleBoxes } from './role-boxes.tsx';
import { Row, Rows, Section } from './section.tsx';
import { TwoPersons } from './two-persons.tsx';

export function People() {
  const { me } = usePlane();
  const persons = useRead(['persons', 'list'], ({ operator }) => operator.persons.list());
  const { person } = useSearch({ strict: false }) as { readonly person?: string };
  const navigate = useNavigate();
  const open = (id: PersonId | undefined) =>
    void navigate({ to: '/settings/{-$tab}', params: { tab: 'people' }, search: { person: id } as never });
  const isAdministrator = me.roles.includes('administrator');
  const opened = parseId('person', person);
  return (
    <>
      <Section title="People" says="Who may do what here. Nobody gives roles to themselves.">
        {persons.isPending && <Loading />}
        {persons.isError && persons.data === undefined && (
          <ErrorState what="The people could not be loaded." error={persons.error} onTryAgain={persons.refetch} />
        )}
        {persons.data !== undefined && (
          <Rows label="People">
            {persons.data.map((one) => (
              <PersonRow
                key={one.id}
                person={one}
                isOpen={one.id === opened}
                onToggle={() => open(one.id === opened ? undefined : one.id)}
              />
            ))}
          </Rows>
        )}
      </Section>
      {isAdministrator ? <Invite /> : <LacksRole lacks="administrator" what="invite people and change their roles" />}
      <TwoPersons />
      {isAdministrator && <Providers />}
    </>
  );
}

type PersonRowProps = { readonly person: PersonInShort; readonly isOpen: boolean; readonly onToggle: () => void };

function PersonRow({ person, isOpen, onToggle }: PersonRowProps) {
  const { me } = usePlane();
  const isOff = !me.roles.includes('administrator');
  return (
    <>
      <Row
        name={<Who who={{ kind: 'person', name: person.name }} />}
        about={
          <>
            {person.roles.length === 0 ? 'no role' : person.roles.join(', ')}
            {person.id === me.id && ' · you'}
            {person.state === 'disabled' && <strong className="font-medium text-deny"> · disabled</strong>}
            <LooksLike of={{ ...person, kind: 'person' }} />
          </>
        }
      >
        {!isOff && (
          <Button aria-expanded={isOpen} onClick={onToggle}>
            {isOpen ? 'Close' : 'Change…'}
            <span className="sr-only"> {person.id}</span>
          </Button>
        )}
      </Row>
      {isOpen && !isOff && (
        <li className="grid gap-5 bg-canvas px-4 py-4">
          <Change person={person} />
        </li>
      )}
    </>
  );
}

function Change({ person }: { readonly person: PersonInShort }) {
  const { operator, me } = usePlane();
  const queries = useQueryClient();
  const shown = useRead(['persons', 'one', person.id], ({ operator: plane }) => plane.persons.show(person.id));
  const [held, setHeld] = useState<readonly Role[]>(person.roles);
  const [code, setCode] = useState<EnrolmentCode | null>(null);
  const [isEnding, setEnding] = useState(false);
  const [ended, setEnded] = useState<DisabledPerson | null>(null);
  const notSelf = useId();
  if (ended !== null) return <Ended person={ended} />;
  const isSelf = person.id === me.id;
  return (
    <>
      <Attempt
        failed="The roles are as they were."
        run={async () => {
          await operator.persons.setRoles(person.id, held);
          await queries.invalidateQueries();
        }}
        onDone={(came) => came !== 'done' && setHeld(person.roles)}
      >
        {(isBusy) => (
          <>
            <RoleBoxes held={held} onChange={setHeld} isOff={isSelf} />
            <div className="flex flex-wrap items-center gap-3">
              <Button type="submit" offBy={isSelf ? notSelf : null} disabled={isBusy}>
                Set these roles
              </Button>
              {isSelf && (
                <span id={notSelf} className="text-caption text-text-2">
                  Nobody gives roles to themselves: another administrator does. Nor is anybody disabled by themselves.
                </span>
              )}
            </div>
          </>
        )}
      </Attempt>
      {shown.data !== undefined && <Delegable key={shown.data.epoch} id={person.id} delegable={shown.data.delegable} />}
      {code !== null && (
        <ShownOnce title="A one-time code for one more key" value={code.code}>
          Good until {readTime.minute(code.expiresAt)}, shown this once. Codes of this person that were open are
          withdrawn.
        </ShownOnce>
      )}
      {person.state === 'active' && (
        <div className="flex flex-wrap gap-2">
          <Attempt failed="No code was issued." run={async () => setCode(await operator.persons.issueCode(person.id))}>
            {(isBusy) => (
              <Button type="submit" disabled={isBusy}>
                Issue a one-time code
              </Button>
            )}
          </Attempt>
          <Button look="danger-outlined" offBy={isSelf ? notSelf : null} onClick={() => setEnding(true)}>
            Disable…
          </Button>
        </div>
      )}
      {isEnding && <Disable person={person} onClose={() => setEnding(false)} onDone={setEnded} />}
    </>
  );
}

type DisableProps = {
  readonly person: PersonInShort;
  readonly onClose: () => void;
  readonly onDone: (done: DisabledPerson) => void;
};

/** What would end, counted before anybody says yes. */
function Disable({ person, onClose, onDone }: DisableProps) {
  const agents = useRead(['agents', 'list'], ({ operator }) => operator.agents.list({ limit: 500 }));
  const tasks = useRead(['tasks', 'active'], ({ operator }) => operator.tasks.list({ state: 'active' }));
  const own = agents.data?.filter(({ owner, state }) => owner === person.id && state !== 'retired').length;
  const asked = tasks.data?.filter(({ requester }) => requester === person.id).length;
  return (
    <EndConfirm
      title={
        <>
          Disable <Foreign inline text={person.name} />
        </>
      }
      confirm="Disable them"
      reason="wanted"
      ends={[
        'their sessions, and every key by which they sign in',
        `${asked ?? '…'} active tasks that they asked for, with their tokens and open questions`,
        `${own ?? '…'} agents that they own: these can do nothing until an administrator names another owner`,
      ]}
      onClose={onClose}
      run={async ({ operator }, reason) => onDone(await operator.persons.disable(person.id, reason))}
    >
      <p>These end at once, at every node:</p>
    </EndConfirm>
  );
}

function Ended({ person: { name, ending } }: { readonly person: DisabledPerson }) {
  const count = (kind: string) => ending.ended.filter((one) => one.kind === kind).length;
  return (
    <p role="status" className="text-body">
      <Foreign inline text={name} /> is disabled. {count('task')} tasks, {count('token')} tokens and {count('approval')}{' '}
      questions ended in {ending.milliseconds} ms. {ending.left.length} agents are left without an owner.
    </p>
  );
}

function Invite() {
  const { operator } = usePlane();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [held, setHeld] = useState<readonly Role[]>([]);
  const [made, setMade] = useState<(EnrolmentCode & { readonly name: string }) | null>(null);
  return (
    <Section title="Invite somebody" says="They sign in with a one-time code, and their device makes a passkey.">
      {made !== null && (
        <ShownOnce
          title={
            <>
              A one-time code for <Foreign inline text={made.name} />
            </>
          }
          value={made.code}
        >
          Good until {readTime.minute(made.expiresAt)}, shown this once. Whoever has it becomes that person: hand it
          over yourself. They use it at {location.origin}/sign-in.
        </ShownOnce>
      )}
      <Attempt
        failed="Nobody was invited."
        run={async () => {
          const mail = email.trim() === '' ? {} : { email: email.trim() };
          const { enrolment } = await operator.persons.register({ name: name.trim(), roles: held, ...mail });
          setMade({ ...enrolment, name: name.trim() });
          await queries.invalidateQueries();
        }}
        onDone={() => {
          setName('');
          setEmail('');
          setHeld([]);
        }}
      >
        {(isBusy) => (
          <div className="grid max-w-xl gap-4">
            <TextField label="Name" value={name} onChange={setName} required maxLength={100} />
            <TextField label="Address for mail, if they want any" value={email} onChange={setEmail} maxLength={254} />
            <RoleBoxes held={held} onChange={setHeld} />
            <Button type="submit" look="filled" disabled={isBusy} className="justify-self-start">
              Invite
            </Button>
          </div>
        )}
      </Attempt>
    </Section>
  );
}
