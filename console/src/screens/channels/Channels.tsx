import { Trans } from '@lingui/react/macro';
import { PageHeader } from '../../components/PageHeader.tsx';

export function Channels() {
  return <PageHeader title={<Trans>Channels</Trans>} />;
}
