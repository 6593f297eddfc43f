import { Trans } from '@lingui/react/macro';
import { msg } from '@lingui/core/macro';
import { useLingui } from '@lingui/react';
import type { ApiUsage } from 'content-catalyst-sdk';
import { Meter } from '../../components/Meter.tsx';
import { Money } from '../../components/Money.tsx';
import { whole } from '../../i18n/numbers.ts';
import { Ago } from '../../time/Ago.tsx';
import { Moment } from '../../time/Moment.tsx';
import { forecast } from './forecast.ts';
import styles from './Operator.module.css';

const BUCKETS: Record<string, ReturnType<typeof msg>> = {
  uploads: msg`Uploads`,
  search: msg`Searches`,
  batch_get_stats: msg`Counters`,
  units: msg`Units`,
};

/** YouTube's quota of the day in Los Angeles, and whether it lasts; what else is paid for. */
export function QuotaPanel({ usage }: { usage: ApiUsage }) {
  const { _ } = useLingui();
  const now = Date.now();
  return (
    <section className={`card ${styles.section}`} aria-labelledby="quota">
      <div className="row between">
        <h2 id="quota">
          <Trans>YouTube's quota today</Trans>
        </h2>
        <span className="soft small">
          <Trans>
            begins anew <Ago at={usage.youtube_quota_resets_at} />
          </Trans>
        </span>
      </div>
      {usage.youtube_quota.map((quota) => {
        const { used, expected, endsAt } = forecast(quota, now);
        const words = BUCKETS[quota.bucket];
        return (
          <Meter
            key={quota.bucket}
            label={words ? _(words) : quota.bucket}
            value={`${whole(used)} / ${whole(quota.capacity)}`}
            used={quota.spent}
            reserved={quota.reserved}
            of={quota.capacity}
            note={
              endsAt !== undefined ? (
                <b>
                  <Trans>
                    Used up <Moment at={endsAt} only="time" /> if the day goes on like this.
                  </Trans>
                </b>
              ) : expected === undefined ? null : (
                <Trans>About {whole(expected)} by the end of the day.</Trans>
              )
            }
          />
        );
      })}
      <p className="soft small">
        <Trans>
          Texts this month: <Money micros={usage.gemini_cost_micros} />. Render credits today: {whole(usage.revid_credits_today)}.
        </Trans>
      </p>
    </section>
  );
}
