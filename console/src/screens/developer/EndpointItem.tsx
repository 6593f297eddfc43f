import { Plural, Trans, useLingui } from '@lingui/react/macro';
import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { DisabledReason, Endpoint } from 'content-catalyst-sdk';
import { useState } from 'react';
import { api, ifVersion } from '../../api/client.ts';
import { endpointsQuery } from '../../api/webhooks.ts';
import { Badge } from '../../components/Badge.tsx';
import { Button } from '../../components/Button.tsx';
import { Confirm } from '../../components/Confirm.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';
import { toast } from '../../components/toast.ts';
import { Ago } from '../../time/Ago.tsx';
import styles from './Developer.module.css';
import { Rotate } from './Rotate.tsx';

const REASONS: Record<DisabledReason, MessageDescriptor> = {
  by_user: msg`Switched off by you.`,
  gone: msg`It answered that it is gone (410).`,
  failing: msg`It failed for too long.`,
  restored: msg`Switched off after the database was restored, so that nothing is sent twice.`,
};

/** One endpoint and what can be done with it. */
export function EndpointItem({ endpoint, onSecret }: { endpoint: Endpoint; onSecret: (secret: string) => void }) {
  const { i18n, t } = useLingui();
  const cache = useQueryClient();
  const [asks, setAsks] = useState<'delete' | 'rotate'>();
  const { id, url, state, state_reason, events, failing_since, last_delivered_at } = endpoint;
  const refresh = () => cache.invalidateQueries({ queryKey: endpointsQuery.queryKey });
  const isOn = state === 'enabled';
  const turn = useMutation({
    mutationFn: () => api.updateEndpoint({ path: { id }, headers: ifVersion(endpoint), body: { state: isOn ? 'disabled' : 'enabled' } }),
    onSettled: refresh,
  });
  const ping = useMutation({
    mutationFn: () => api.testEndpoint({ path: { id } }),
    onSuccess: () => {
      toast(t`A ping is on its way; it stands among the deliveries.`);
      void cache.invalidateQueries({ queryKey: ['deliveries'] });
    },
  });
  const remove = useMutation({
    mutationFn: () => api.deleteEndpoint({ path: { id } }),
    onSuccess: async () => {
      setAsks(undefined);
      await refresh();
      toast(t`The endpoint is gone.`);
    },
  });

  return (
    <li className={styles.item}>
      <div className="row between">
        <span className={styles.url}>{url}</span>
        {isOn ? failing_since ? <Badge tone="bad">{t`Failing`}</Badge> : <Badge tone="good">{t`On`}</Badge> : <Badge>{t`Off`}</Badge>}
      </div>
      <p className="soft small">
        {endpoint.description ? `${endpoint.description} · ` : null}
        {events.length === 0 ? <Trans>all events</Trans> : events.length < 4 ? events.join(', ') : <Plural value={events.length} one="# event" other="# events" />}
        {' · '}
        {last_delivered_at ? (
          <Trans>
            delivered <Ago at={last_delivered_at} />
          </Trans>
        ) : (
          <Trans>nothing delivered yet</Trans>
        )}
        {failing_since ? (
          <>
            {' · '}
            <Trans>
              failing since <Ago at={failing_since} />
            </Trans>
          </>
        ) : null}
      </p>
      {!isOn && state_reason ? <p className="small">{i18n._(REASONS[state_reason])}</p> : null}
      <ProblemNote error={turn.error ?? ping.error} />
      <div className="row">
        <Button size="s" busy={ping.isPending} off={!isOn} onClick={() => ping.mutate()}>
          <Trans>Send a ping</Trans>
        </Button>
        <Button size="s" busy={turn.isPending} onClick={() => turn.mutate()}>
          {isOn ? <Trans>Switch off</Trans> : <Trans>Switch on</Trans>}
        </Button>
        <Button size="s" onClick={() => setAsks('rotate')}>
          <Trans>New secret…</Trans>
        </Button>
        <Button size="s" kind="danger" onClick={() => setAsks('delete')}>
          <Trans>Delete…</Trans>
        </Button>
      </div>
      {asks === 'rotate' ? (
        <Rotate
          endpoint={endpoint}
          onClose={() => setAsks(undefined)}
          onSecret={(secret) => {
            setAsks(undefined);
            onSecret(secret);
          }}
        />
      ) : null}
      {asks === 'delete' ? (
        <Confirm title={<Trans>Delete this endpoint?</Trans>} deed={<Trans>Delete</Trans>} busy={remove.isPending} error={remove.error} onConfirm={() => remove.mutate()} onClose={() => setAsks(undefined)}>
          <p className={styles.url}>{url}</p>
          <p>
            <Trans>Nothing more is sent to it, not even what is waiting, and its secret is forgotten.</Trans>
          </p>
        </Confirm>
      ) : null}
    </li>
  );
}
