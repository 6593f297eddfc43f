import { Trans } from '@lingui/react/macro';
import { useSearch } from '@tanstack/react-router';
import { useChannel } from '../../channels/useChannel.ts';
import { Notice } from '../../components/Notice.tsx';

/** Right after Google's consent: that it has worked. */
export function JustConnected() {
  const { connected } = useSearch({ from: '/shell/dashboard' });
  const channel = useChannel().channels.find(({ id }) => id === connected);
  if (!channel) return null;
  return (
    <Notice tone="good">
      <p>
        <Trans>{channel.title} is connected.</Trans>
      </p>
    </Notice>
  );
}
