import { Trans } from '@lingui/react/macro';
import { PageHeader } from '../../components/PageHeader.tsx';

export function Renders() {
  return <PageHeader title={<Trans>Renders</Trans>} />;
}
