import { msg } from '@lingui/core/macro';
import { Trans, useLingui } from '@lingui/react/macro';
import { SelectField, TextField } from '../../components/Field.tsx';
import { FORMATS, type Filters, SORTS, type Sort } from './filters.ts';
import { FORMAT_WORDS } from './labels.ts';
import styles from './Results.module.css';

const SORT_WORDS: Record<Sort, ReturnType<typeof msg>> = {
  newest: msg`Newest first`,
  oldest: msg`Oldest first`,
  best: msg`Best first`,
  worst: msg`Weakest first`,
  views: msg`Most views first`,
};

export function FilterBar({ filters, change }: { filters: Filters; change: (some: Partial<Filters>) => void }) {
  const { i18n, t } = useLingui();
  return (
    <search className={styles.filters} aria-label={t`Videos`}>
      <TextField label={<Trans>Title</Trans>} type="search" placeholder={t`Words of the title`} value={filters.q ?? ''} onChange={(event) => change({ q: event.target.value || undefined })} />
      <SelectField label={<Trans>Format</Trans>} value={filters.format ?? ''} onChange={(event) => change({ format: FORMATS.find((format) => format === event.target.value) })}>
        <option value="">{t`All formats`}</option>
        {FORMATS.map((format) => (
          <option key={format} value={format}>
            {i18n._(FORMAT_WORDS[format])}
          </option>
        ))}
      </SelectField>
      <TextField label={<Trans>From</Trans>} type="date" value={filters.from ?? ''} max={filters.to} onChange={(event) => change({ from: event.target.value || undefined })} />
      <TextField label={<Trans>To</Trans>} type="date" value={filters.to ?? ''} min={filters.from} onChange={(event) => change({ to: event.target.value || undefined })} />
      <SelectField label={<Trans>Order</Trans>} value={filters.sort ?? 'newest'} onChange={(event) => change({ sort: SORTS.find((sort) => sort === event.target.value && sort !== 'newest') })}>
        {SORTS.map((sort) => (
          <option key={sort} value={sort}>
            {i18n._(SORT_WORDS[sort])}
          </option>
        ))}
      </SelectField>
    </search>
  );
}
