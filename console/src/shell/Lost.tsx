import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { buttonLook } from '../components/Button.tsx';
import { Empty } from '../components/Empty.tsx';

export function Lost() {
  return (
    <Empty
      icon="search"
      title={<Trans>This address leads nowhere</Trans>}
      action={
        <Link to="/dashboard" className={buttonLook('main')}>
          <Trans>To what needs you today</Trans>
        </Link>
      }
    >
      <p>
        <Trans>It may have been moved, or typed with a slip.</Trans>
      </p>
    </Empty>
  );
}
