import { Trans } from '@lingui/react/macro';
import type { ContentDetail } from 'content-catalyst-sdk';
import { Money } from '../../components/Money.tsx';
import { Ago } from '../../time/Ago.tsx';
import styles from './Made.module.css';

/** Where a text comes from, for those who want to know. */
export function Made({ piece }: { piece: ContentDetail }) {
  return (
    <section className="card stack" aria-labelledby="made">
      <h2 id="made">
        <Trans>How it was made</Trans>
      </h2>
      <dl className={styles.facts}>
        <dt>
          <Trans>Written</Trans>
        </dt>
        <dd>
          <Ago at={piece.created_at} />
        </dd>
        <dt>
          <Trans>Cost</Trans>
        </dt>
        <dd>
          <Money micros={piece.cost_micros} />
        </dd>
        <dt>
          <Trans>Model</Trans>
        </dt>
        <dd>{piece.model_answered ?? piece.model_asked}</dd>
        <dt>
          <Trans>Prompt</Trans>
        </dt>
        <dd>{piece.prompt_version}</dd>
      </dl>
    </section>
  );
}
