import { Trans } from '@lingui/react/macro';
import { PageHeader } from '../../components/PageHeader.tsx';

export function Calendar() {
  return <PageHeader title={<Trans>Calendar</Trans>} />;
}
