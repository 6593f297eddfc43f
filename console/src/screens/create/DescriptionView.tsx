import { Trans } from '@lingui/react/macro';
import type { Description } from 'content-catalyst-sdk';
import styles from './DescriptionView.module.css';

export function DescriptionView({ description }: { description: Description }) {
  return (
    <article className={`card ${styles.description}`}>
      <p className={styles.text}>{description.description}</p>
      <h2 className="small soft">
        <Trans>Tags</Trans>
      </h2>
      <ul className={styles.tags}>
        {description.tags.map((tag) => (
          <li key={tag}>{tag}</li>
        ))}
      </ul>
    </article>
  );
}
