import { Trans, useLingui } from '@lingui/react/macro';
import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import type { Features as Granted } from 'content-catalyst-sdk';
import { Icon } from '../../components/Icon.tsx';
import styles from './Channels.module.css';

const WORDS: Record<keyof Granted, [MessageDescriptor, MessageDescriptor]> = {
  read: [msg`Read your videos and their counters`, msg`Without it nothing is read or compared.`],
  analytics: [msg`Read Analytics`, msg`Without it formats and past curves are unknown, and no video is compared.`],
  upload: [msg`Upload videos`, msg`Without it nothing is published from here.`],
  manage: [msg`Manage videos`, msg`Without it a video that was uploaded ahead cannot be moved or withdrawn.`],
};

/** What Google was told that this service may do. */
export function Features({ features }: { features: Granted }) {
  const { i18n } = useLingui();
  return (
    <section className={`card ${styles.section}`} aria-labelledby="features">
      <h2 id="features">
        <Trans>What it may do</Trans>
      </h2>
      <ul className={styles.features}>
        {(Object.keys(WORDS) as (keyof Granted)[]).map((feature) => {
          const [what, without] = WORDS[feature];
          const isGranted = features[feature] === true;
          return (
            <li key={feature} className={styles.feature}>
              <span className={isGranted ? styles.granted : styles.refused}>
                <Icon name={isGranted ? 'done' : 'close'} />
              </span>
              <div>
                <p>
                  {i18n._(what)} <span className="unseen">{isGranted ? <Trans>(granted)</Trans> : <Trans>(not granted)</Trans>}</span>
                </p>
                {isGranted ? null : <p className="soft small">{i18n._(without)}</p>}
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
