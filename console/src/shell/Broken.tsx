import { Trans } from '@lingui/react/macro';
import { Button } from '../components/Button.tsx';
import { Empty } from '../components/Empty.tsx';

/** A screen that cannot be drawn: after a new release its parts may be gone, and then the page has to be loaded again. */
export function Broken({ error }: { error: unknown }) {
  return (
    <Empty
      icon="warning"
      title={<Trans>This screen could not be shown</Trans>}
      action={
        <Button kind="main" onClick={() => location.reload()}>
          <Trans>Load it again</Trans>
        </Button>
      }
    >
      <p>
        <Trans>There may be a new version, or no network.</Trans>
      </p>
      <p className="small">{error instanceof Error ? error.message : null}</p>
    </Empty>
  );
}
