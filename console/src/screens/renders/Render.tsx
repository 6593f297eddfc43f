import { Trans } from '@lingui/react/macro';
import { PageHeader } from '../../components/PageHeader.tsx';

export function Render() {
  return <PageHeader title={<Trans>Render</Trans>} />;
}
