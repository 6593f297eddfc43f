import { Trans, useLingui } from '@lingui/react/macro';
import type { WeeklySlot } from 'content-catalyst-sdk';
import { Button } from '../../components/Button.tsx';
import { SelectField, TextField } from '../../components/Field.tsx';
import { Icon } from '../../components/Icon.tsx';
import styles from './Channels.module.css';
import { useWeekdays } from './useWeekdays.ts';

interface SlotsProps {
  slots: WeeklySlot[];
  zone: string;
  error?: string;
  change: (slots: WeeklySlot[]) => void;
}

/** The times of the week at which the channel publishes. */
export function Slots({ slots, zone, error, change }: SlotsProps) {
  const { t } = useLingui();
  const weekdays = useWeekdays();
  const put = (n: number, some: Partial<WeeklySlot>) => change(slots.map((slot, at) => (at === n ? { ...slot, ...some } : slot)));
  const add = () => {
    const last = slots.at(-1);
    change([...slots, { weekday: last ? (last.weekday % 7) + 1 : 1, time: last?.time ?? '18:00' }]);
  };
  return (
    <fieldset className={styles.slots}>
      <legend className="small">
        <b>
          <Trans>Posting slots</Trans>
        </b>{' '}
        <span className="soft">
          <Trans>on the clocks of {zone}</Trans>
        </span>
      </legend>
      {slots.length === 0 ? (
        <p className="soft small">
          <Trans>None: every evening at 18:00 is offered.</Trans>
        </p>
      ) : null}
      {slots.map((slot, n) => (
        // Slots have no identity beside their place.
        <div key={n} className={styles.slot}>
          <SelectField label={<Trans>Day</Trans>} value={slot.weekday} onChange={(event) => put(n, { weekday: Number(event.target.value) })}>
            {weekdays.map((day, index) => (
              <option key={day} value={index + 1}>
                {day}
              </option>
            ))}
          </SelectField>
          <TextField label={<Trans>Time</Trans>} type="time" value={slot.time} onChange={(event) => event.target.value && put(n, { time: event.target.value })} />
          <Button kind="quiet" aria-label={t`Remove ${weekdays[slot.weekday - 1]} ${slot.time}`} onClick={() => change(slots.filter((_, at) => at !== n))}>
            <Icon name="close" size={18} />
          </Button>
        </div>
      ))}
      {error ? (
        <p className="small" role="alert">
          {error}
        </p>
      ) : null}
      <div className="row">
        <Button size="s" onClick={add}>
          <Trans>Add a slot</Trans>
        </Button>
      </div>
    </fieldset>
  );
}
