import { Trans } from '@lingui/react/macro';
import { PageHeader } from '../../components/PageHeader.tsx';

export function Piece() {
  return <PageHeader title={<Trans>Piece</Trans>} />;
}
