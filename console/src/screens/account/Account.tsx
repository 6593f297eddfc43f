import { Trans } from '@lingui/react/macro';
import { PageHeader } from '../../components/PageHeader.tsx';

export function Account() {
  return <PageHeader title={<Trans>Account</Trans>} />;
}
