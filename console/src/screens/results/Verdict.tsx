import { Plural, Trans, useLingui } from '@lingui/react/macro';
import type { VideoDetail } from 'content-catalyst-sdk';
import { Badge } from '../../components/Badge.tsx';
import { times } from '../../i18n/numbers.ts';
import { LOOKS } from './labels.ts';
import styles from './Video.module.css';

/** The comparison in a number, and its reason in words. */
export function Verdict({ video: { score, scores_shown, explanation } }: { video: VideoDetail }) {
  const { i18n } = useLingui();
  return (
    <section className={`card ${styles.verdict}`} aria-labelledby="verdict">
      <h2 id="verdict">
        <Trans>How it did</Trans>
      </h2>
      {score ? (
        <>
          <div className="row">
            {score.multiplier == null ? null : <span className={styles.times}>{times(score.multiplier)}</span>}
            <Badge tone={LOOKS[score.label].tone}>{i18n._(LOOKS[score.label].words)}</Badge>
            {score.multiplier == null ? null : (
              <span className="soft small">
                <Trans>the usual views at the same age</Trans>
              </span>
            )}
          </div>
          {/* In the API's own words, which are English. */}
          {explanation ? (
            <div className="stack" lang="en">
              <p>{explanation.summary}</p>
              {explanation.reasons.length > 0 ? (
                <ul className={styles.reasons}>
                  {explanation.reasons.map((reason) => (
                    <li key={reason}>{reason}</li>
                  ))}
                </ul>
              ) : null}
            </div>
          ) : null}
          <p className="soft small">
            {score.n > 0 ? (
              <Trans>
                Compared with <Plural value={score.n} one="# earlier video" other="# earlier videos" /> of this channel and format.
              </Trans>
            ) : null}{' '}
            <Trans>Content Catalyst score ({score.model_version}), not a YouTube metric.</Trans>
          </p>
        </>
      ) : (
        <p className="soft">{scores_shown ? <Trans>It was not compared yet. That happens after the next reading of your videos.</Trans> : <Trans>Comparisons are hidden on this deployment.</Trans>}</p>
      )}
    </section>
  );
}
