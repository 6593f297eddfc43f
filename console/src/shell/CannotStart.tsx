import { i18n } from '@lingui/core';
import { I18nProvider } from '@lingui/react';
import { Trans } from '@lingui/react/macro';
import { Problem } from 'content-catalyst-sdk';
import { Button } from '../components/Button.tsx';
import { Empty } from '../components/Empty.tsx';

/** Neither the service nor an older answer says whom to sign in with. */
export const CannotStart = ({ error, again }: { error: unknown; again: () => void }) => (
  <I18nProvider i18n={i18n}>
    <main id="main">
      <Empty
        icon="offline"
        title={<Trans>The console could not start</Trans>}
        action={
          <Button kind="main" onClick={again}>
            <Trans>Try again</Trans>
          </Button>
        }
      >
        <p role="alert">{error instanceof Problem ? error.message : <Trans>The service cannot be reached. Are you online?</Trans>}</p>
      </Empty>
    </main>
  </I18nProvider>
);
