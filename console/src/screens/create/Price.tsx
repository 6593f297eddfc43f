import { Plural, Trans } from '@lingui/react/macro';
import type { RenderEstimate } from 'content-catalyst-sdk';
import { Notice } from '../../components/Notice.tsx';
import styles from './Price.module.css';

/** What a film would cost, and what it is paid from. */
export function Price({ estimate }: { estimate: RenderEstimate }) {
  const { allowance } = estimate;
  return (
    <div className={styles.price} aria-live="polite">
      <p className={styles.credits}>
        <Plural value={estimate.credits} one="# credit" other="# credits" />
      </p>
      <p className="soft small">
        <Trans>
          About <Plural value={estimate.spoken_seconds} one="# second" other="# seconds" />, <Plural value={estimate.words} one="# word" other="# words" />. Renders this month:{' '}
          {allowance.renders_used} of {allowance.renders_per_month}.
        </Trans>
      </p>
      {estimate.affordable ? null : (
        <Notice tone="warn">
          <p>
            <Trans>
              That is more than is left: {allowance.credits_left_today} credits today, {allowance.credits_per_render} for one film at most.
            </Trans>
          </p>
        </Notice>
      )}
    </div>
  );
}
