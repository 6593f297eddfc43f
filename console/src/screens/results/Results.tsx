import { Trans } from '@lingui/react/macro';
import { WithChannel } from '../../channels/WithChannel.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { Overview } from './Overview.tsx';

export function Results() {
  return (
    <>
      <PageHeader title={<Trans>Results</Trans>} lead={<Trans>Every video against your own earlier ones of the same format, at the same age.</Trans>} />
      <WithChannel>{(channel) => <Overview key={channel.id} channel={channel} />}</WithChannel>
    </>
  );
}
