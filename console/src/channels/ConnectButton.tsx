import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import { Button } from '../components/Button.tsx';
import { ProblemNote } from '../components/ProblemNote.tsx';

interface ConnectButtonProps {
  /** Connects this channel again, and no other. */
  channel?: string;
  /** The screen to come back to. */
  returnTo?: string;
  kind?: 'main' | 'plain';
}

/** Leads to Google's consent. */
export function ConnectButton({ channel, returnTo = '/dashboard', kind = 'main' }: ConnectButtonProps) {
  const connect = useMutation({
    mutationFn: async () => (await api.connectChannel({ body: { channel_id: channel, return_to: returnTo } })).data,
    onSuccess: ({ authorization_url }) => location.assign(authorization_url),
  });
  return (
    <div className="stack">
      <ProblemNote error={connect.error} />
      <div className="row">
        <Button kind={kind} busy={connect.isPending || connect.isSuccess} onClick={() => connect.mutate()}>
          {channel ? <Trans>Connect it again</Trans> : <Trans>Connect a YouTube channel</Trans>}
        </Button>
      </div>
    </div>
  );
}
