import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { AttemptOutcome, Delivery, DeliveryState } from 'content-catalyst-sdk';
import { api } from '../../api/client.ts';
import { Badge, type Tone } from '../../components/Badge.tsx';
import { Button } from '../../components/Button.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';
import { toast } from '../../components/toast.ts';
import { whole } from '../../i18n/numbers.ts';
import { Ago } from '../../time/Ago.tsx';
import { Moment } from '../../time/Moment.tsx';
import styles from './Developer.module.css';

const STATES: Record<DeliveryState, [Tone, MessageDescriptor]> = {
  pending: ['calm', msg`Waiting`],
  delivered: ['good', msg`Delivered`],
  failed: ['bad', msg`Failed`],
};

const OUTCOMES: Record<AttemptOutcome, MessageDescriptor> = {
  delivered: msg`taken`,
  gone: msg`the endpoint is gone`,
  redirected: msg`led elsewhere, which is not followed`,
  refused: msg`refused`,
  timeout: msg`no answer in time`,
  unreachable: msg`not reached`,
  forbidden: msg`an address that may not be called`,
  interrupted: msg`interrupted on our side`,
};

/** JSON with its members on lines of their own; anything else as it is. */
function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

export function DeliveryItem({ delivery }: { delivery: Delivery }) {
  const { i18n, t } = useLingui();
  const cache = useQueryClient();
  const [tone, words] = STATES[delivery.state];
  const replay = useMutation({
    mutationFn: () => api.replayDelivery({ path: { id: delivery.id } }),
    onSuccess: () => {
      toast(t`It is sent again, with the same webhook-id.`);
      void cache.invalidateQueries({ queryKey: ['deliveries'] });
    },
  });
  return (
    <details className={styles.delivery}>
      <summary>
        <code>{delivery.event_type}</code>
        <Badge tone={tone}>{i18n._(words)}</Badge>
        <span className="soft small">
          <Ago at={delivery.created_at} /> · <Plural value={delivery.attempts.length} one="# attempt" other="# attempts" />
        </span>
      </summary>
      <div className={styles.more}>
        <p className="small">
          <code>webhook-id: {delivery.event_id}</code>
        </p>
        {delivery.attempts.length > 0 ? (
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">
                  <Trans>Attempt</Trans>
                </th>
                <th scope="col">
                  <Trans>What came of it</Trans>
                </th>
                <th scope="col">
                  <Trans>Took</Trans>
                </th>
              </tr>
            </thead>
            <tbody>
              {delivery.attempts.map((attempt) => (
                <tr key={attempt.at}>
                  <td>
                    <Moment at={attempt.at} />
                  </td>
                  <td>
                    {i18n._(OUTCOMES[attempt.outcome])}
                    {attempt.status ? ` (${attempt.status})` : ''}
                  </td>
                  <td>{attempt.latency_ms == null ? '–' : `${whole(attempt.latency_ms)} ms`}</td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : null}
        {delivery.state === 'pending' && delivery.next_attempt_at ? (
          <p className="small">
            <Trans>
              Tried next <Ago at={delivery.next_attempt_at} />.
            </Trans>
          </p>
        ) : null}
        <pre className={styles.code}>{pretty(delivery.body)}</pre>
        <ProblemNote error={replay.error} />
        <div className="row">
          <Button size="s" busy={replay.isPending} onClick={() => replay.mutate()}>
            <Trans>Send it again</Trans>
          </Button>
          <CopyButton text={delivery.body}>
            <Trans>Copy the body</Trans>
          </CopyButton>
        </div>
      </div>
    </details>
  );
}
