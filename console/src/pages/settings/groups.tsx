import type { Role, SignInGroup, SignInProvider } from '@ambit/sdk/operator';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { AuthorityForm, type AuthorityGiven } from '../../kit/authority-form.tsx';
import { Button } from '../../kit/button.tsx';
import { EndConfirm } from '../../kit/end-confirm.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Attempt, TextField } from '../../kit/form.tsx';
import { GrantLines } from '../../kit/grant-lines.tsx';
import { counted } from '../../kit/say-ending.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { GroupsClaim } from './groups-claim.tsx';
import { RoleBoxes } from './role-boxes.tsx';
import { Row, Rows } from './section.tsx';

type GroupsProps = { readonly provider: SignInProvider; readonly groups: readonly SignInGroup[] };

/** What groups of a provider give to whoever is in them: told apart from what administrators set, and anew at each sign-in. */
export function Groups({ provider, groups }: GroupsProps) {
  const [opened, setOpened] = useState<SignInGroup | 'new' | null>(null);
  const [removed, setRemoved] = useState<SignInGroup | null>(null);
  return (
    <li className="grid gap-3 bg-canvas px-4 py-4">
      <h3 className="font-medium text-interface">
        What groups of <Foreign inline text={provider.name} /> give
      </h3>
      {groups.length > 0 && (
        <Rows label="Groups">
          {groups.map((group) => (
            <Row key={group.group} name={<Foreign inline text={group.group} />} about={<Gives group={group} />}>
              <Button onClick={() => setOpened(group)}>Change…</Button>
              <Button look="danger-outlined" onClick={() => setRemoved(group)}>
                Take away…
              </Button>
            </Row>
          ))}
        </Rows>
      )}
      {provider.groupsClaim === null ? (
        <GroupsClaim provider={provider} />
      ) : opened === null ? (
        <div className="grid justify-items-start gap-1">
          <p className="text-caption text-text-2">
            Read from the claim <Foreign inline text={provider.groupsClaim} /> when somebody signs in.
          </p>
          <Button onClick={() => setOpened('new')}>Say what a group gives…</Button>
        </div>
      ) : (
        <GroupForm
          key={opened === 'new' ? '' : opened.group}
          provider={provider}
          group={opened === 'new' ? null : opened}
          onClose={() => setOpened(null)}
        />
      )}
      {removed !== null && (
        <EndConfirm
          title={
            <>
              Let the group <Foreign inline text={removed.group} /> give nothing
            </>
          }
          confirm="Take it away"
          ends={['Its members lose it when they next sign in. What administrators set stays.']}
          onClose={() => setRemoved(null)}
          run={({ operator }) => operator.signInProviders.removeGroup(provider.id, removed.group)}
        />
      )}
    </li>
  );
}

function Gives({ group: { roles, delegable } }: { readonly group: SignInGroup }) {
  return (
    <>
      {roles.length === 0 ? 'No role' : roles.join(', ')}
      {delegable.length === 0 ? ', and nothing to hand to agents.' : '.'}
      {delegable.length > 0 && (
        <details>
          <summary className="min-h-6 w-fit cursor-pointer rounded-control text-accent">
            {counted(delegable.length, 'grant')} to hand to agents
          </summary>
          <GrantLines authority={delegable} source="person" isOverTasks />
        </details>
      )}
    </>
  );
}

type GroupFormProps = {
  readonly provider: SignInProvider;
  /** Null for one that gives nothing yet. */
  readonly group: SignInGroup | null;
  readonly onClose: () => void;
};

function GroupForm({ provider, group, onClose }: GroupFormProps) {
  const { operator } = usePlane();
  const queries = useQueryClient();
  const [name, setName] = useState(group?.group ?? '');
  const [roles, setRoles] = useState<readonly Role[]>(group?.roles ?? []);
  const [given, setGiven] = useState<AuthorityGiven>({ authority: group?.delegable ?? [], whyNot: null });
  return (
    <Attempt
      failed="The group gives what it gave before."
      run={async () => {
        const { authority } = given;
        await operator.signInProviders.setGroup(provider.id, { group: name.trim(), roles, delegable: authority });
        await queries.invalidateQueries();
      }}
      onDone={onClose}
    >
      {(isBusy) => (
        <div className="grid gap-4 rounded-card border border-line bg-surface p-4">
          {group === null ? (
            <TextField
              label="Group"
              hint="As the provider writes it, letter by letter."
              value={name}
              onChange={setName}
              isCode
              required
              maxLength={200}
            />
          ) : (
            <p className="font-medium text-body">
              <Foreign inline text={group.group} />
            </p>
          )}
          <RoleBoxes held={roles} onChange={setRoles} without="administrator" />
          <p className="text-caption text-text-2">Nobody becomes an administrator by a group.</p>
          <AuthorityForm label="What its members may hand to agents" given={given} onChange={setGiven} isOverTasks />
          <div className="flex flex-wrap items-center gap-2">
            <Button type="submit" disabled={isBusy || given.whyNot !== null}>
              Set what the group gives
            </Button>
            <Button onClick={onClose}>Cancel</Button>
            {given.whyNot !== null && <span className="text-caption text-text-2">{given.whyNot}</span>}
          </div>
        </div>
      )}
    </Attempt>
  );
}
