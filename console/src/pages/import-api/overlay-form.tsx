import type { Api, OverlayPreview } from '@ambit/sdk/operator';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { ErrorState } from '../../kit/states.tsx';
import { useAttempt } from '../../kit/use-attempt.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { whyNoCatalog } from '../catalog/use-why-not.ts';
import { FileChoice, TextOrFile } from './file-choice.tsx';
import { OverlayShown } from './overlay-shown.tsx';

type Seen = { readonly text: string; readonly preview: OverlayPreview };

const example = `actions:
  orders.get: { effect: read, reach: internal }
  refunds.create:
    reversibility: compensable
    undo: refunds.cancel`;

/** A file in which a person classifies actions. What it would change is shown first; that, at that revision, is applied. */
export function OverlayForm({ api, isOff }: { readonly api: Api; readonly isOff: boolean }) {
  const { operator } = usePlane();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [seen, setSeen] = useState<Seen | null>(null);
  const looking = useAttempt();
  const applying = useAttempt();
  const write = (next: string) => {
    setText(next);
    setSeen(null);
    looking.forget();
    applying.forget();
  };
  const look = () =>
    looking.run(async () => setSeen({ text, preview: await operator.catalog.checkOverlay(api.name, text) }));
  const apply = async ({ text: looked, preview }: Seen) => {
    const isDone = await applying.run(async () => {
      await operator.catalog.overlay(api.name, looked, preview.revision);
      await queries.invalidateQueries();
      void navigate({ to: '/catalog/$api/{-$action}', params: { api: api.name, action: undefined } });
    });
    // What waits for a second person is not sent twice.
    if (isDone) write('');
  };
  const isNothing = seen !== null && seen.preview.changes.length + seen.preview.patterns.length === 0;
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isOff) void look();
      }}
    >
      <TextOrFile
        label="Classification file, in YAML or JSON"
        placeholder={example}
        value={text}
        onText={write}
        onRead={(file) => void looking.run(async () => write(await file.text()))}
      />
      <p className="flex flex-wrap items-center gap-3">
        <Button
          type="submit"
          look={seen === null ? 'filled' : 'outlined'}
          offBy={isOff ? whyNoCatalog : null}
          disabled={looking.isBusy}
        >
          Show what would change
        </Button>
        <FileChoice onRead={(file) => void looking.run(async () => write(await file.text()))} />
        <span className="text-caption text-text-2">Nothing is changed by looking.</span>
      </p>
      {looking.error !== null && <ErrorState what="It can’t be laid over the API like that." error={looking.error} />}
      {seen !== null && (
        <>
          <OverlayShown preview={seen.preview} />
          {!isNothing && (
            <p>
              <Button
                look="filled"
                offBy={isOff ? whyNoCatalog : null}
                disabled={applying.isBusy}
                onClick={() => void apply(seen)}
              >
                {applying.isBusy ? 'Classifying…' : 'Classify so'}
              </Button>
            </p>
          )}
        </>
      )}
      {applying.error !== null && <ErrorState what="Nothing was classified." error={applying.error} />}
    </form>
  );
}
