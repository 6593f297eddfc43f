import { Trans, useLingui } from '@lingui/react/macro';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { DeliveryState } from 'content-catalyst-sdk';
import { useState } from 'react';
import { deliveriesQuery, endpointsQuery } from '../../api/webhooks.ts';
import { Button } from '../../components/Button.tsx';
import { SelectField } from '../../components/Field.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { DeliveryItem } from './DeliveryItem.tsx';
import styles from './Developer.module.css';

const STATES: readonly DeliveryState[] = ['pending', 'delivered', 'failed'];

/** What was sent in the last 30 days, with every attempt. */
export function Deliveries() {
  const { t } = useLingui();
  const [endpoint, setEndpoint] = useState('');
  const [state, setState] = useState<DeliveryState>();
  const endpoints = useQuery(endpointsQuery).data ?? [];
  const query = useInfiniteQuery(deliveriesQuery(endpoint || undefined, state));
  const deliveries = query.data?.pages.flatMap(({ items }) => items);
  return (
    <section className={`card ${styles.section}`} aria-labelledby="deliveries">
      <h2 id="deliveries">
        <Trans>Deliveries</Trans>
      </h2>
      {endpoints.length > 0 ? (
        <div className={styles.filters}>
          <SelectField label={<Trans>Endpoint</Trans>} value={endpoint} onChange={(event) => setEndpoint(event.target.value)}>
            <option value="">{t`All`}</option>
            {endpoints.map(({ id, url }) => (
              <option key={id} value={id}>
                {url}
              </option>
            ))}
          </SelectField>
          <SelectField label={<Trans>State</Trans>} value={state ?? ''} onChange={(event) => setState(STATES.find((each) => each === event.target.value))}>
            <option value="">{t`All`}</option>
            <option value="pending">{t`Waiting`}</option>
            <option value="delivered">{t`Delivered`}</option>
            <option value="failed">{t`Failed`}</option>
          </SelectField>
        </div>
      ) : null}
      <ProblemNote error={query.error} again={() => void query.refetch()} />
      {query.isPending ? <Skeleton /> : null}
      {deliveries?.length === 0 ? (
        <p className="soft">
          <Trans>Nothing was sent in the last 30 days.</Trans>
        </p>
      ) : null}
      <div>
        {deliveries?.map((delivery) => (
          <DeliveryItem key={delivery.id} delivery={delivery} />
        ))}
      </div>
      {query.hasNextPage ? (
        <div className="row">
          <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            <Trans>Older ones</Trans>
          </Button>
        </div>
      ) : null}
    </section>
  );
}
