import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { meQuery } from '../../api/me.ts';
import { Money } from '../../components/Money.tsx';

/** What is left for writing in this month, before anything is spent. */
export function Budget() {
  const me = useQuery(meQuery);
  if (!me.data) return null;
  return (
    <span className="soft small">
      <Trans>
        <Money micros={me.data.budgets.generation.remaining_micros} /> left for writing this month
      </Trans>
    </span>
  );
}
