import { Trans } from '@lingui/react/macro';
import { PageHeader } from '../../components/PageHeader.tsx';

export function Operator() {
  return <PageHeader title={<Trans>Operator</Trans>} />;
}
