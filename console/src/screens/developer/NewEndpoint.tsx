import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type EventType, Problem } from 'content-catalyst-sdk';
import { type FormEvent, useState } from 'react';
import { channelsQuery } from '../../api/channels.ts';
import { api } from '../../api/client.ts';
import { endpointsQuery } from '../../api/webhooks.ts';
import { Button } from '../../components/Button.tsx';
import { Check, SelectField, TextField } from '../../components/Field.tsx';
import { Modal } from '../../components/Modal.tsx';
import { fieldError, ProblemNote } from '../../components/ProblemNote.tsx';
import styles from './Developer.module.css';
import { EVENTS } from './events.ts';

export function NewEndpoint({ onMade, onClose }: { onMade: (secret: string | undefined) => void; onClose: () => void }) {
  const { t } = useLingui();
  const cache = useQueryClient();
  const channels = useQuery(channelsQuery).data ?? [];
  const [url, setUrl] = useState('https://');
  const [description, setDescription] = useState('');
  const [channel, setChannel] = useState('');
  const [events, setEvents] = useState<EventType[]>([]);
  const make = useMutation({
    mutationFn: async () => (await api.createEndpoint({ body: { url: url.trim(), description: description.trim() || undefined, channel_id: channel || undefined, events } })).data,
    onSuccess: (endpoint) => {
      void cache.invalidateQueries({ queryKey: endpointsQuery.queryKey });
      onMade(endpoint.secret ?? undefined);
    },
  });
  const beside = make.error instanceof Problem ? make.error.errors.flatMap(({ pointer }) => (pointer === '/url' || pointer === '/description' ? pointer : [])) : [];

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!make.isPending) make.mutate();
  }

  return (
    <Modal title={<Trans>Add an endpoint</Trans>} onClose={onClose} wide>
      <form className="stack" onSubmit={submit} noValidate>
        <TextField label={<Trans>Address</Trans>} hint={t`A public https address`} type="url" inputMode="url" autoFocus error={fieldError(make.error, '/url')} value={url} onChange={(event) => setUrl(event.target.value)} />
        <TextField label={<Trans>What it is for</Trans>} maxLength={200} error={fieldError(make.error, '/description')} value={description} onChange={(event) => setDescription(event.target.value)} />
        {channels.length > 1 ? (
          <SelectField label={<Trans>Channel</Trans>} value={channel} onChange={(event) => setChannel(event.target.value)}>
            <option value="">{t`All of mine`}</option>
            {channels.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </SelectField>
        ) : null}
        <fieldset>
          <legend>
            <b>
              <Trans>Events</Trans>
            </b>{' '}
            <span className="soft small">{events.length === 0 ? <Trans>all of them, as long as none is chosen</Trans> : null}</span>
          </legend>
          <div className={styles.events}>
            {Object.values(EVENTS)
              .flat()
              .map((event) => (
                <Check key={event} label={<code>{event}</code>} checked={events.includes(event)} onChange={({ target }) => setEvents(target.checked ? [...events, event] : events.filter((each) => each !== event))} />
              ))}
          </div>
        </fieldset>
        <ProblemNote error={make.error} shownBeside={beside} />
        <div className="row">
          <Button type="submit" kind="main" busy={make.isPending}>
            <Trans>Add it</Trans>
          </Button>
          <Button kind="quiet" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
        </div>
      </form>
    </Modal>
  );
}
