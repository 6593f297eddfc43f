import { Trans } from '@lingui/react/macro';
import { PageHeader } from '../../components/PageHeader.tsx';

export function Today() {
  return <PageHeader title={<Trans>Today</Trans>} />;
}
