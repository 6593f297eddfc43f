import { Plural, Trans } from '@lingui/react/macro';
import type { Me } from 'content-catalyst-sdk';
import { Meter } from '../../components/Meter.tsx';
import { Money } from '../../components/Money.tsx';
import { short, whole } from '../../i18n/numbers.ts';
import { Moment } from '../../time/Moment.tsx';
import styles from './Account.module.css';

/** What was used, and what is left. */
export function Budgets({ me: { budgets, usage, limits } }: { me: Me }) {
  const { generation, renders, render_credits_today: credits, renews_on } = budgets;
  return (
    <section className={`card ${styles.section}`} aria-labelledby="budgets">
      <div className="row between">
        <h2 id="budgets">
          <Trans>Usage and budget</Trans>
        </h2>
        <span className="soft small">
          <Trans>Begins anew:</Trans> <Moment at={`${renews_on}T12:00:00Z`} zone="UTC" only="day" />
        </span>
      </div>
      <div className={styles.meters}>
        <Meter
          label={<Trans>Texts this month</Trans>}
          value={
            <>
              <Money micros={generation.used_micros} /> / <Money micros={generation.budget_micros} />
            </>
          }
          used={generation.used_micros}
          reserved={generation.reserved_micros}
          of={generation.budget_micros}
          note={
            <>
              <Plural value={usage.generations} one="# text written" other="# texts written" />
              {generation.reserved_micros > 0 ? (
                <>
                  {' · '}
                  <Trans>
                    <Money micros={generation.reserved_micros} /> set aside for what is being written
                  </Trans>
                </>
              ) : null}
            </>
          }
        />
        <Meter
          label={<Trans>Films this month</Trans>}
          value={`${whole(renders.used + renders.reserved)} / ${whole(renders.budget)}`}
          used={renders.used}
          reserved={renders.reserved}
          of={renders.budget}
          note={<Trans>{short(usage.render_credits)} credits used</Trans>}
        />
        <Meter
          label={<Trans>Film credits today, for everybody here</Trans>}
          value={`${whole(credits.used + credits.reserved)} / ${whole(credits.budget)}`}
          used={credits.used}
          reserved={credits.reserved}
          of={credits.budget}
          note={<Trans>Of the whole deployment; begins anew at midnight UTC.</Trans>}
        />
      </div>
      <p className="soft small">
        <Trans>At most {whole(limits.requests_per_minute)} requests a minute.</Trans>
      </p>
    </section>
  );
}
