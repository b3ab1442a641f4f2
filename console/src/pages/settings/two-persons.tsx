import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useId } from 'react';
import { Button } from '../../kit/button.tsx';
import { Attempt } from '../../kit/form.tsx';
import { ErrorState, Loading } from '../../kit/states.tsx';
import { WhyOff } from '../../kit/why-off.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { useRead } from '../../plane/use-read.ts';
import { Section } from './section.tsx';

/** Whether lowering a gate takes two persons. To want it no more takes two itself. */
export function TwoPersons() {
  const { operator, me } = usePlane();
  const queries = useQueryClient();
  const reason = useId();
  const isOff = !me.roles.includes('administrator');
  const found = useRead(['proposals', 'two-persons'], ({ operator: plane }) => plane.proposals.twoPersons());
  const required = found.data;
  return (
    <Section
      title="Two persons"
      says="What lowers a gate (roles, what may be handed to agents, rules, classifications, where calls go, who answers) can want a second person with the same right."
    >
      {found.isPending && <Loading />}
      {found.isError && required === undefined && (
        <ErrorState what="It could not be loaded." error={found.error} onTryAgain={found.refetch} />
      )}
      {required !== undefined && (
        <Attempt
          failed="It is as it was."
          run={async () => {
            await operator.proposals.setTwoPersons(!required);
            await queries.invalidateQueries();
          }}
        >
          {(isBusy) => (
            <div className="flex flex-wrap items-center gap-3 rounded-card border border-line bg-surface px-4 py-3">
              <p className="min-w-0 flex-1 basis-72 text-interface">
                <strong className="font-medium">
                  {required ? 'Lowering a gate takes two persons here.' : 'One person lowers a gate here.'}
                </strong>{' '}
                {required ? (
                  <>
                    What waits stands under{' '}
                    <Link to="/proposals/{-$proposal}" className="text-accent underline">
                      Proposals
                    </Link>
                    . To want one again takes two.
                  </>
                ) : (
                  'With two, a change is put up, and another person confirms exactly that.'
                )}
              </p>
              <Button type="submit" offBy={isOff ? reason : null} disabled={isBusy}>
                {required ? 'Let one suffice' : 'Want two persons'}
              </Button>
              <WhyOff id={reason} says={isOff ? 'Only a person with the role administrator changes this.' : null} />
            </div>
          )}
        </Attempt>
      )}
    </Section>
  );
}
