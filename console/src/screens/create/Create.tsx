import { Trans } from '@lingui/react/macro';
import { PageHeader } from '../../components/PageHeader.tsx';

export function Create() {
  return <PageHeader title={<Trans>Create</Trans>} />;
}
