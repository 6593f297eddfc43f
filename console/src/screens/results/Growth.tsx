import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { VideoDetail } from 'content-catalyst-sdk';
import { insightsQuery } from '../../api/video.ts';
import { whole } from '../../i18n/numbers.ts';
import { Moment } from '../../time/Moment.tsx';
import { bandOf, basisOf, curveOf } from './curve.ts';
import { Curve } from './Curve.tsx';
import styles from './Video.module.css';

/** Its views as it grew older, as a picture and as a table. */
export function Growth({ video }: { video: VideoDetail }) {
  const insights = useQuery(insightsQuery(video.channel_id));
  const basis = basisOf(video);
  const points = curveOf(video.series, basis);
  const band = video.scores_shown ? bandOf(insights.data?.baselines ?? [], video.format, basis, points.at(-1)?.age ?? 0) : [];
  return (
    <section className={`card ${styles.growth}`} aria-labelledby="growth">
      <div className="row between">
        <h2 id="growth">
          <Trans>Views by age</Trans>
        </h2>
        <span className="soft small">{basis === 'engaged_views' ? <Trans>Engaged views, from Analytics</Trans> : <Trans>Public views</Trans>}</span>
      </div>
      {points.length === 0 ? (
        <p className="soft">
          <Trans>It was not measured yet. Each reading of your videos adds a point.</Trans>
        </p>
      ) : (
        <>
          <Curve points={points} band={band} />
          <details>
            <summary>
              <Trans>As a table</Trans>
            </summary>
            <table className={styles.table}>
              <thead>
                <tr>
                  <th scope="col">
                    <Trans>Measured</Trans>
                  </th>
                  <th scope="col">
                    <Trans>Age in hours</Trans>
                  </th>
                  <th scope="col">
                    <Trans>Views</Trans>
                  </th>
                </tr>
              </thead>
              <tbody>
                {points.map((point) => (
                  <tr key={point.at}>
                    <td>
                      <Moment at={point.at} />
                    </td>
                    <td>{whole(point.age)}</td>
                    <td>{whole(point.views)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </details>
        </>
      )}
    </section>
  );
}
