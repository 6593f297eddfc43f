import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { endpointsQuery } from '../../api/webhooks.ts';
import { Asked } from '../../components/Asked.tsx';
import { Button } from '../../components/Button.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import styles from './Developer.module.css';
import { EndpointItem } from './EndpointItem.tsx';
import { NewEndpoint } from './NewEndpoint.tsx';
import { Secret } from './Secret.tsx';

/** Where events are sent. */
export function Endpoints() {
  const query = useQuery(endpointsQuery);
  const [makes, setMakes] = useState(false);
  const [secret, setSecret] = useState<string>();
  return (
    <section className={`card ${styles.section}`} aria-labelledby="endpoints">
      <div className="row between">
        <h2 id="endpoints">
          <Trans>Webhook endpoints</Trans>
        </h2>
        <Button size="s" onClick={() => setMakes(true)}>
          <Trans>Add an endpoint</Trans>
        </Button>
      </div>
      <Asked query={query} waiting={<Skeleton lines={2} tall />}>
        {(endpoints) =>
          endpoints.length === 0 ? (
            <p className="soft">
              <Trans>None yet. An endpoint is told when a film is ready, a video is out, or something needs somebody, so that nobody has to ask again and again.</Trans>
            </p>
          ) : (
            <ul className={styles.list}>
              {endpoints.map((endpoint) => (
                <EndpointItem key={endpoint.id} endpoint={endpoint} onSecret={setSecret} />
              ))}
            </ul>
          )
        }
      </Asked>
      {makes ? (
        <NewEndpoint
          onClose={() => setMakes(false)}
          onMade={(made) => {
            setMakes(false);
            setSecret(made);
          }}
        />
      ) : null}
      {secret ? <Secret secret={secret} onClose={() => setSecret(undefined)} /> : null}
    </section>
  );
}
