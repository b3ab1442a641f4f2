import type { ChannelFare, MailWish } from '@ambit/sdk/operator';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { EndConfirm } from '../../kit/end-confirm.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Attempt, Choice, TextField } from '../../kit/form.tsx';
import { Id } from '../../kit/id.tsx';
import { ShownOnce } from '../../kit/shown-once.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { TabBar } from '../../kit/tab-bar.tsx';
import { When } from '../../kit/when.tsx';
import { desktopNotices } from '../../plane/desktop-notices.ts';
import { LacksRole } from '../../plane/lacks-role.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { useRead } from '../../plane/use-read.ts';
import { Row, Rows, Section } from './section.tsx';

export function Notifications() {
  return (
    <>
      <Desktop />
      <Mail />
      <Channels />
    </>
  );
}

function Desktop() {
  const [state, setState] = useState(desktopNotices.state());
  const turn = async (isOn: boolean) => setState(await (isOn ? desktopNotices.turnOn() : desktopNotices.turnOff()));
  return (
    <Section
      title="On this desktop"
      says="While a page of the console is open: “1 question from refund-bot”, and no word that an agent wrote."
    >
      <div className="flex flex-wrap items-center gap-3">
        <TabBar
          label="Notices on this desktop"
          value={state === 'on' ? 'on' : 'off'}
          onChange={(to) => void turn(to === 'on')}
          tabs={[
            { value: 'off', says: 'Off' },
            { value: 'on', says: 'On' },
          ]}
        />
        {state === 'refused' && (
          <span role="status" className="text-caption text-text-2">
            This browser shows none of this page. Allow notifications in its settings, then turn them on here.
          </span>
        )}
      </div>
    </Section>
  );
}

const wishes = [
  { value: 'each', says: 'Each question' },
  { value: 'digest', says: 'Once an hour' },
  { value: 'off', says: 'None' },
] as const;

function Mail() {
  const { operator } = usePlane();
  const queries = useQueryClient();
  const wish = useRead(['notifications', 'mail'], ({ operator: plane }) => plane.channels.mailWish());
  const [error, setError] = useState<unknown>(null);
  const choose = async (to: MailWish) => {
    setError(null);
    await operator.channels.wishMail(to).then(() => queries.invalidateQueries(), setError);
  };
  return (
    <Section
      title="By mail"
      says="Where your organisation has a mail channel. A mail says that a question waits; it answers nothing."
    >
      {wish.isPending && <Loading />}
      {wish.isError && wish.data === undefined && (
        <ErrorState what="Your wish could not be loaded." error={wish.error} onTryAgain={wish.refetch} />
      )}
      {wish.data !== undefined && (
        <TabBar label="Mail about questions" value={wish.data} onChange={(to) => void choose(to)} tabs={wishes} />
      )}
      {error !== null && <ErrorState what="Your wish was not kept." error={error} />}
    </Section>
  );
}

function Channels() {
  const { me } = usePlane();
  const isOff = !me.roles.includes('administrator');
  const found = useRead(['channels', 'list'], ({ operator }) => operator.channels.list(), { isOff });
  if (isOff)
    return (
      <Section title="Channels">
        <LacksRole lacks="administrator" what="see and change the organisation’s channels" />
      </Section>
    );
  return (
    <Section
      title="Channels"
      says="How the organisation hears of every question: an endpoint of its own, or mail to those who may answer."
    >
      {found.isPending && <Loading />}
      {found.isError && found.data === undefined && (
        <ErrorState what="The channels could not be loaded." error={found.error} onTryAgain={found.refetch} />
      )}
      {found.data?.length === 0 && (
        <EmptyState title="No channel yet.">People hear of questions in the console only.</EmptyState>
      )}
      {found.data !== undefined && found.data.length > 0 && (
        <Rows label="Channels">
          {found.data.map((one) => (
            <ChannelRow key={one.id} channel={one} />
          ))}
        </Rows>
      )}
      <Add hasMail={found.data?.some(({ kind }) => kind === 'mail') ?? false} />
    </Section>
  );
}

const overlapSeconds = 86_400;

function ChannelRow({ channel }: { readonly channel: ChannelFare }) {
  const { operator } = usePlane();
  const queries = useQueryClient();
  const [isEnding, setEnding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [said, setSaid] = useState('');
  const [error, setError] = useState<unknown>(null);
  const does = (run: () => Promise<void>) => {
    setError(null);
    void run().then(() => queries.invalidateQueries(), setError);
  };
  const { id, kind, name, url, state, reason, failures, retryAt, publicKeys } = channel;
  return (
    <>
      <Row
        name={<Foreign inline text={name} />}
        about={
          <>
            {kind}
            {url !== null && (
              <span className="code">
                {' '}
                <Foreign inline text={url} />
              </span>
            )}
            {state !== 'disabled' && (failures === 0 ? ', well' : `, ${failures} attempts failed in a row`)}
            {state === 'disabled' && ', disabled'}
            {state === 'disabled' && reason !== null && (
              <>
                : <Foreign inline text={reason} />
              </>
            )}
            {retryAt !== null && failures > 0 && (
              <>
                , tried again at <When at={retryAt} as="second" />
              </>
            )}
            {publicKeys.map(({ key }) => (
              <span key={key} className="block">
                signs with <Id id={key} label="Copy the public key" />
              </span>
            ))}
            {said !== '' && (
              <span role="status" className="block font-medium text-text">
                {said}
              </span>
            )}
          </>
        }
      >
        <Button
          onClick={() =>
            does(async () => {
              const { state: came } = await operator.channels.test(id);
              setSaid(came === 'delivered' ? 'The test was delivered.' : `The test is ${came}.`);
            })
          }
        >
          Send a test
        </Button>
        {state === 'disabled' && (
          <Button onClick={() => does(async () => void (await operator.channels.enable(id)))}>Enable</Button>
        )}
        {kind === 'webhook' && (
          <Button
            onClick={() =>
              does(async () => setSecret((await operator.channels.rotate(id, overlapSeconds)).secret ?? null))
            }
          >
            Rotate its secret
          </Button>
        )}
        <Button look="danger-outlined" onClick={() => setEnding(true)}>
          Remove…
        </Button>
      </Row>
      {(secret !== null || error !== null) && (
        <li className="px-4 py-3">
          {secret !== null && (
            <ShownOnce title="The new secret of this channel" value={secret}>
              Shown this once. The one before signs beside it for a day.
            </ShownOnce>
          )}
          {error !== null && <ErrorState what="That did not come to anything." error={error} />}
        </li>
      )}
      {isEnding && (
        <EndConfirm
          title="Remove this channel"
          confirm="Remove it"
          onClose={() => setEnding(false)}
          run={({ operator }) => operator.channels.remove(id)}
        >
          <p>It is told nothing any more, what waits among it. Questions stay in the inbox.</p>
        </EndConfirm>
      )}
    </>
  );
}

function Add({ hasMail }: { readonly hasMail: boolean }) {
  const { operator } = usePlane();
  const queries = useQueryClient();
  const [kind, setKind] = useState<'webhook' | 'mail'>('webhook');
  const [name, setName] = useState('');
  const [url, setUrl] = useState('');
  const [signing, setSigning] = useState<'hmac' | 'ed25519'>('hmac');
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <>
      {secret !== null && (
        <ShownOnce title="The secret of the new channel" value={secret}>
          Shown this once. By it your endpoint knows that a message is ours.
        </ShownOnce>
      )}
      <Attempt
        failed="No channel was added."
        run={async () => {
          const channel = { name: name.trim() };
          const made = await operator.channels.add(
            kind === 'mail' ? { kind, ...channel } : { kind, ...channel, url: url.trim(), signing },
          );
          setSecret(made.secret ?? null);
          setName('');
          setUrl('');
          await queries.invalidateQueries();
        }}
      >
        {(isBusy) => (
          <div className="grid max-w-xl gap-3">
            <Choice
              label="Kind of channel"
              value={kind}
              onChange={(to) => setKind(to === 'mail' ? 'mail' : 'webhook')}
              choices={[{ value: 'webhook', says: 'Webhook' }, ...(hasMail ? [] : [{ value: 'mail', says: 'Mail' }])]}
            />
            <TextField label="What it is called" value={name} onChange={setName} required maxLength={64} />
            {kind === 'webhook' && (
              <>
                <TextField
                  label="Where to post"
                  value={url}
                  onChange={setUrl}
                  isCode
                  required
                  placeholder="https://hooks.example/ambit"
                />
                <Choice
                  label="How messages are signed"
                  value={signing}
                  onChange={(to) => setSigning(to === 'ed25519' ? 'ed25519' : 'hmac')}
                  choices={[
                    { value: 'hmac', says: 'With a shared secret (HMAC)' },
                    { value: 'ed25519', says: 'With a key that Ambit keeps (Ed25519)' },
                  ]}
                />
              </>
            )}
            <Button type="submit" disabled={isBusy} className="justify-self-start">
              Add the channel
            </Button>
          </div>
        )}
      </Attempt>
    </>
  );
}
