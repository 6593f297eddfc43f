import { Trans } from '@lingui/react/macro';
import { PageHeader } from '../../components/PageHeader.tsx';

export function Developer() {
  return <PageHeader title={<Trans>Developer</Trans>} />;
}
