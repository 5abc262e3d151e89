/** What somebody may: a role, and which cameras. */
import type { Role } from '../../types/api.ts';
import { cameras } from '../core/fleet.ts';
import { Check, SelectField } from '../ui/field.tsx';
import { more } from '../words/more/index.ts';

export type Grant = 'all' | readonly string[];

const ROLES = ['viewer', 'operator', 'admin'] as const;

interface GrantFieldsProps {
  readonly role: Role;
  readonly grant: Grant;
  readonly change: (part: { readonly role?: Role; readonly grant?: Grant }) => void;
}

export function GrantFields({ role, grant, change }: GrantFieldsProps) {
  const { users: say } = more.value;
  const tick = (id: string, on: boolean) => {
    const others = grant === 'all' ? [] : grant.filter((each) => each !== id);
    change({ grant: on ? [...others, id] : others });
  };
  return (
    <>
      <SelectField
        label={say.role}
        value={role}
        options={ROLES.map((each) => [each, say.roles[each]] as const)}
        onChange={(next) => change({ role: next })}
      />
      {role !== 'admin' && (
        <fieldset class="view-cameras">
          <legend>{say.cameras}</legend>
          <Check
            label={say.allCameras}
            checked={grant === 'all'}
            onChange={(all) => change({ grant: all ? 'all' : [] })}
          />
          {grant !== 'all' &&
            (cameras.value ?? []).map(({ id, name }) => (
              <Check key={id} label={name} checked={grant.includes(id)} onChange={(on) => tick(id, on)} />
            ))}
        </fieldset>
      )}
    </>
  );
}

/** In words, which cameras. */
export function grantText(grant: Grant): string {
  const { users: say } = more.value;
  return grant === 'all' ? say.allCameras : say.someCameras(grant.length);
}
