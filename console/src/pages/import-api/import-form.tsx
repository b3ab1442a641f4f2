import type { Api, ApiImport, ImportPreview } from '@ambit/sdk/operator';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type InputHTMLAttributes, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { ErrorState } from '../../kit/states.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { useDraft, useForgetDraft } from '../../plane/use-draft.ts';
import { whyNoCatalog } from '../catalog/use-why-not.ts';
import { FileChoice, TextOrFile } from './file-choice.tsx';
import { PreviewShown } from './preview-shown.tsx';

type FormProps = { readonly known: Api | undefined; readonly wanted: string; readonly isOff: boolean };
type Seen = { readonly asked: ApiImport; readonly preview: ImportPreview };

/** What is looked at is what is imported: the preview's digest goes along, and another text is refused. */
export function ImportForm({ known, wanted, isOff }: FormProps) {
  const { operator } = usePlane();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const draft = `import-${known?.name ?? ''}` as const;
  const forgetDraft = useForgetDraft(draft);
  const [given, setGiven] = useDraft(`${draft}/given`, {
    name: wanted,
    server: '',
    zone: '',
    environment: '',
    text: '',
  });
  const [seen, setSeen] = useState<Seen | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [failed, setFailed] = useState<{ readonly what: string; readonly error: unknown } | null>(null);
  const set = (changed: Partial<typeof given>) => {
    setGiven({ ...given, ...changed });
    setSeen(null);
  };
  const doing = async (what: string, run: () => Promise<void>) => {
    setBusy(true);
    setFailed(null);
    await run().catch((error: unknown) => setFailed({ what, error }));
    setBusy(false);
  };
  const preview = () =>
    doing('It can’t be imported like that.', async () => {
      const asked = asImport(given, known);
      setSeen({ asked, preview: await operator.catalog.check(asked) });
    });
  const importIt = ({ asked, preview: { api } }: Seen) =>
    doing('Nothing was imported.', async () => {
      await operator.catalog.import({ ...asked, digest: api.descriptionDigest });
      forgetDraft();
      await queries.invalidateQueries();
      void navigate({ to: '/catalog/$api/{-$action}', params: { api: api.name, action: undefined } });
    });
  const readFile = (file: File) =>
    void doing('The file could not be read.', async () => set({ text: await file.text() }));
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy && !isOff) void preview();
      }}
    >
      {known === undefined && (
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Name" value={given.name} onText={(name) => set({ name })} placeholder="shop" required />
          <Field
            label="Where it lives"
            value={given.server}
            onText={(server) => set({ server })}
            placeholder="https://api.example.com/v3"
            inputMode="url"
            required
          />
          <Field label="Zone (default, if empty)" value={given.zone} onText={(zone) => set({ zone })} />
          <Field
            label="Environment (production, if empty)"
            value={given.environment}
            onText={(environment) => set({ environment })}
          />
        </div>
      )}
      <TextOrFile
        label="Description: an address, or the text of an OpenAPI file"
        placeholder="https://api.example.com/openapi.json, or paste the text, or drop the file here"
        value={given.text}
        onText={(text) => set({ text })}
        onRead={readFile}
      />
      <p className="flex flex-wrap items-center gap-3">
        <Button
          type="submit"
          look={seen === null ? 'filled' : 'outlined'}
          offBy={isOff ? whyNoCatalog : null}
          disabled={isBusy}
        >
          {isBusy && seen === null ? 'Reading the description…' : 'Show what would change'}
        </Button>
        <FileChoice onRead={readFile} />
        <span className="text-caption text-text-2">Nothing is changed by looking.</span>
      </p>
      {failed !== null && <ErrorState what={failed.what} error={failed.error} />}
      {seen !== null && (
        <>
          <PreviewShown preview={seen.preview} isNew={known === undefined} />
          <p>
            <Button
              look="filled"
              offBy={isOff ? whyNoCatalog : null}
              disabled={isBusy}
              onClick={() => void importIt(seen)}
            >
              {isBusy ? 'Importing…' : `Import ${seen.preview.api.name}`}
            </Button>
          </p>
        </>
      )}
    </form>
  );
}

type Given = {
  readonly name: string;
  readonly server: string;
  readonly zone: string;
  readonly environment: string;
  readonly text: string;
};

function asImport({ name, server, zone, environment, text }: Given, known: Api | undefined): ApiImport {
  const url = text.trim();
  const described = /^https?:\/\/\S+$/.test(url) ? { url } : { text };
  if (known !== undefined) return { name: known.name, ...described };
  return {
    name: name.trim(),
    server: server.trim(),
    ...(zone.trim() !== '' && { zone: zone.trim() }),
    ...(environment.trim() !== '' && { environment: environment.trim() }),
    ...described,
  };
}

type FieldProps = InputHTMLAttributes<HTMLInputElement> & {
  readonly label: string;
  readonly onText: (text: string) => void;
};

function Field({ label, onText, ...rest }: FieldProps) {
  return (
    <label className="grid gap-1 text-interface">
      <span className="font-medium">{label}</span>
      <input
        {...rest}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onText(event.target.value)}
        className="min-h-9 w-full min-w-0 rounded-control border border-line-strong bg-surface px-2.5 placeholder:text-text-2 max-sm:min-h-11"
      />
    </label>
  );
}
