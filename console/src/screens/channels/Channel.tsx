import { Trans } from '@lingui/react/macro';
import { PageHeader } from '../../components/PageHeader.tsx';

export function Channel() {
  return <PageHeader title={<Trans>Channel</Trans>} />;
}
