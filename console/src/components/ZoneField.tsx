import { useLingui } from '@lingui/react/macro';
import { type ReactNode, useMemo } from 'react';
import { Moment } from '../time/Moment.tsx';
import { hereZone } from '../time/zones.ts';
import { SelectField } from './Field.tsx';

interface ZoneFieldProps {
  label: ReactNode;
  error?: ReactNode;
  value: string;
  onChange: (zone: string) => void;
}

/** One of the world's time zones; what its clocks show now stands below. */
export function ZoneField({ label, error, value, onChange }: ZoneFieldProps) {
  const { t } = useLingui();
  const zones = useMemo(() => [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone'), value])].sort(), [value]);
  const here = hereZone();
  return (
    <SelectField label={label} error={error} value={value} onChange={(event) => onChange(event.target.value)} hint={<>{t`There it is now`} <Moment at={Date.now()} zone={value} /></>}>
      {zones.map((zone) => (
        <option key={zone} value={zone} translate="no">
          {zone.replaceAll('_', ' ')}
          {zone === here ? ` (${t`yours`})` : ''}
        </option>
      ))}
    </SelectField>
  );
}
