import type { NewStandingGrant, WrittenGrant } from '@ambit/sdk/operator';
import { useId, useState } from 'react';
import { AnswerConfirm, DialogLine } from '../../kit/answer-confirm.tsx';
import { AuthorityForm, type AuthorityGiven } from '../../kit/authority-form.tsx';
import { Button } from '../../kit/button.tsx';
import { Fault } from '../../kit/fault.tsx';
import { Field, fieldLook } from '../../kit/field.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Choice } from '../../kit/form.tsx';
import { GrantLines } from '../../kit/grant-lines.tsx';
import { counted } from '../../kit/say-ending.ts';
import { Time } from '../../kit/when.tsx';
import { WhyOff } from '../../kit/why-off.tsx';
import { planeNow } from '../../plane/reach.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { useDoing } from '../../plane/use-doing.ts';
import { whyNotDo } from './may-do.ts';
import type { Seen } from './page.tsx';

const dayMs = 86_400_000;
const lives = [
  { value: '1', says: 'one day' },
  { value: '7', says: 'one week' },
  { value: '30', says: 'one month' },
  { value: '90', says: 'three months' },
];

const nothing: AuthorityGiven = { authority: [], whyNot: null };

/** Its owner signs, with a passkey, within what it may open tasks that nobody asked for. */
export function SignGrant({ seen: { agent, owner } }: { readonly seen: Seen }) {
  const { me } = usePlane();
  const writing = useDoing();
  const [isOpen, setOpen] = useState(false);
  const [given, setGiven] = useState<AuthorityGiven>(nothing);
  const [most, setMost] = useState('1');
  const [minutes, setMinutes] = useState('5');
  const [days, setDays] = useState('30');
  const [written, setWritten] = useState<WrittenGrant | null>(null);
  const reason = useId();
  const whyNot =
    agent.kind === 'client'
      ? 'A person’s own client acts for its owner only, and opens no task unasked.'
      : agent.state === 'retired'
        ? 'It is retired.'
        : whyNotDo('sign', agent, me, owner);
  const close = () => {
    setOpen(false);
    setGiven(nothing);
    setWritten(null);
  };
  const write = () =>
    writing.run(async ({ operator }) => {
      const grant: NewStandingGrant = {
        agent: agent.id,
        authority: given.authority,
        liveTasksMax: Number(most),
        taskSecondsMax: Math.round(Number(minutes) * 60),
        expiresAt: Math.min(agent.expiresAt, planeNow() + Number(days) * dayMs),
      };
      setWritten(await operator.standingGrants.write(grant));
    });
  if (!isOpen)
    return (
      <div className="grid justify-items-start gap-1">
        <Button offBy={whyNot && reason} onClick={() => setOpen(true)}>
          Let it work unasked…
        </Button>
        <WhyOff id={reason} says={whyNot} />
      </div>
    );
  return (
    <form
      className="grid gap-4 rounded-card border border-line p-4"
      onSubmit={(event) => {
        event.preventDefault();
        void write();
      }}
    >
      <div>
        <h2 className="font-semibold text-section">Let it work unasked</h2>
        <p className="max-w-[72ch] text-interface text-text-2">
          It opens tasks by itself, within this and never beyond its ceiling or what you may hand to agents.
        </p>
      </div>
      <AuthorityForm label="What it may do unasked" given={given} onChange={setGiven} isOverTasks />
      <div className="grid grid-cols-3 gap-3 max-sm:grid-cols-1">
        <NumberField label="Tasks at once" value={most} onChange={setMost} max={agent.liveTasksMax} />
        <NumberField label="Minutes each" value={minutes} onChange={setMinutes} max={525_600} />
        <Choice
          label="It ends in"
          hint="Not later than the agent itself."
          value={days}
          onChange={setDays}
          choices={lives}
        />
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <Button
          type="submit"
          look="filled"
          disabled={writing.isBusy || given.whyNot !== null || given.authority.length === 0}
        >
          Look at it and sign…
        </Button>
        <Button onClick={close}>Cancel</Button>
        {given.whyNot !== null && <span className="text-caption text-text-2">{given.whyNot}</span>}
      </div>
      <Fault says={writing.fault} />
      {written !== null && (
        <Signing written={written} agent={agent.name} onClose={() => setWritten(null)} onDone={close} />
      )}
    </form>
  );
}

type SigningProps = {
  readonly written: WrittenGrant;
  readonly agent: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
};

/** The last look, at exactly what is signed. */
function Signing({ written, agent, onClose, onDone }: SigningProps) {
  const doing = useDoing();
  const { authority, liveTasksMax, taskSecondsMax, expiresAt } = written.document;
  const sign = async () => {
    if (await doing.run(({ operator }) => operator.standingGrants.sign(written))) onDone();
  };
  return (
    <AnswerConfirm
      answer="yes"
      sentence={
        <>
          Let <Foreign inline text={agent} /> open tasks unasked
        </>
      }
      digest={written.digest}
      reason=""
      onReason={() => undefined}
      reasonFor=""
      isBusy={doing.isBusy}
      fault={doing.fault}
      onClose={() => !doing.isBusy && onClose()}
      onConfirm={() => void sign()}
    >
      <DialogLine name="At once">{counted(liveTasksMax, 'task')}</DialogLine>
      <DialogLine name="Each for">{counted(taskSecondsMax / 60, 'minute')}</DialogLine>
      <DialogLine name="Until">
        <Time at={expiresAt} as="day" />, <Time at={expiresAt} />
      </DialogLine>
      <DialogLine name="It may">
        <GrantLines authority={authority} source="person" isOverTasks />
      </DialogLine>
    </AnswerConfirm>
  );
}

type NumberFieldProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly max: number;
};

function NumberField({ label, value, onChange, max }: NumberFieldProps) {
  return (
    <Field label={label}>
      {(given) => (
        <input
          {...given}
          type="number"
          required
          min={1}
          max={max}
          value={value}
          onChange={({ target }) => onChange(target.value)}
          className={fieldLook}
        />
      )}
    </Field>
  );
}
