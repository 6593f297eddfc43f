import { Trans } from '@lingui/react/macro';
import { buttonLook } from '../../components/Button.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { Icon } from '../../components/Icon.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { accessToken } from '../../session/session.ts';
import { Calls } from './Calls.tsx';
import { Deliveries } from './Deliveries.tsx';
import styles from './Developer.module.css';
import { Endpoints } from './Endpoints.tsx';

export function Developer() {
  return (
    <>
      <PageHeader title={<Trans>Developer</Trans>} lead={<Trans>Whatever this console does, the API does.</Trans>}>
        <a className={buttonLook()} href="/api/openapi.json" target="_blank" rel="noreferrer">
          <span translate="no">OpenAPI</span> <Icon name="external" size={16} />
        </a>
        <a className={buttonLook()} href="/docs/errors" target="_blank" rel="noreferrer">
          <Trans>Errors</Trans> <Icon name="external" size={16} />
        </a>
      </PageHeader>
      <div className="stack">
        <section className={`card ${styles.section}`} aria-labelledby="access">
          <h2 id="access">
            <Trans>Access</Trans>
          </h2>
          <div className="row between">
            <p>
              <code>{location.origin}/api</code> <Trans>takes your access token, which lives for about an hour.</Trans>
            </p>
            <CopyButton text={async () => (await accessToken(false)) ?? ''}>
              <Trans>Copy my token</Trans>
            </CopyButton>
          </div>
        </section>
        <Endpoints />
        <Deliveries />
        <Calls />
      </div>
    </>
  );
}
