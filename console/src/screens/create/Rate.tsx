import { Trans, useLingui } from '@lingui/react/macro';
import styles from './Rate.module.css';

/** One to five stars. */
export function Rate({ value, choose }: { value?: number; choose: (rating: number) => void }) {
  const { t } = useLingui();
  return (
    <fieldset className={styles.rate}>
      <legend className="unseen">
        <Trans>Your rating</Trans>
      </legend>
      {[1, 2, 3, 4, 5].map((stars) => (
        <label key={stars} className={styles.star} data-on={value !== undefined && stars <= value}>
          <input type="radio" name="rating" className="unseen" checked={value === stars} aria-label={t`${stars} of 5`} onChange={() => choose(stars)} />
          <svg width="22" height="22" viewBox="0 0 24 24" aria-hidden="true">
            <path d="M12 3.500l2.600 5.400 5.900.800-4.300 4.100 1 5.900L12 16.900l-5.200 2.800 1-5.900L3.500 9.700l5.900-.800z" />
          </svg>
        </label>
      ))}
    </fieldset>
  );
}
