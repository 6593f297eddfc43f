import { Trans } from '@lingui/react/macro';
import { PageHeader } from '../../components/PageHeader.tsx';

export function Video() {
  return <PageHeader title={<Trans>Video</Trans>} />;
}
