import { Foreign } from './foreign.tsx';

type WhyOffProps = {
  /** The `offBy` of every button that is off for this reason. */
  readonly id: string;
  /** Null where nothing is off. */
  readonly says: string | null;
  readonly className?: string;
};

/** Why something is off, once, where it is seen beside it and read out with it. */
export function WhyOff({ id, says, className = 'text-caption text-text-2' }: WhyOffProps) {
  if (says === null) return null;
  return (
    <p id={id} className={className}>
      <Foreign inline text={says} />
    </p>
  );
}
