import { Trans } from '@lingui/react/macro';
import { PageHeader } from '../../components/PageHeader.tsx';

export function Results() {
  return <PageHeader title={<Trans>Results</Trans>} />;
}
