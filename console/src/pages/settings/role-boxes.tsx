import type { Role } from '@ambit/sdk/operator';

const roles: readonly { readonly role: Role; readonly says: string }[] = [
  { role: 'administrator', says: 'people, credentials, channels' },
  { role: 'catalog', says: 'APIs and how actions are classified' },
  { role: 'policy', says: 'rules, purposes, templates' },
  { role: 'approver', says: 'answers questions' },
  { role: 'auditor', says: 'reads the whole log' },
  { role: 'owner', says: 'registers agents and answers for them' },
  { role: 'reviewer', says: 'looks at what happened' },
];

type RoleBoxesProps = {
  readonly held: readonly Role[];
  readonly onChange: (held: readonly Role[]) => void;
  readonly isOff?: boolean;
  /** A role that nobody gets in this way. */
  readonly without?: Role;
};

/** Every role with what it is for, to be given or not. */
export function RoleBoxes({ held, onChange, isOff = false, without }: RoleBoxesProps) {
  return (
    <fieldset className="grid gap-x-6 gap-y-1.5 sm:grid-cols-2" disabled={isOff}>
      <legend className="mb-1.5 font-medium text-interface">Roles</legend>
      {roles
        .filter(({ role }) => role !== without)
        .map(({ role, says }) => (
          <label key={role} className="flex min-h-7 items-baseline gap-2 text-interface max-sm:min-h-11">
            <input
              type="checkbox"
              checked={held.includes(role)}
              onChange={({ target }) => onChange(target.checked ? [...held, role] : held.filter((one) => one !== role))}
            />
            <span>
              <span className="font-medium">{role}</span> <span className="text-text-2">{says}</span>
            </span>
          </label>
        ))}
    </fieldset>
  );
}
