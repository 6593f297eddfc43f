import { Trans } from '@lingui/react/macro';
import { useLingui } from '@lingui/react';
import { Choice } from '../../components/Field.tsx';
import { LANGUAGES, type Language, speak } from '../../i18n/i18n.ts';
import styles from './Account.module.css';

export function LanguageChoice() {
  const { i18n } = useLingui();
  return (
    <section className={`card ${styles.section}`} aria-labelledby="language">
      <h2 id="language">
        <Trans>Language</Trans>
      </h2>
      <Choice
        label={<Trans>In this browser</Trans>}
        name="language"
        value={i18n.locale as Language}
        options={(Object.keys(LANGUAGES) as Language[]).map((value) => ({ value, label: <span lang={value}>{LANGUAGES[value]}</span> }))}
        onChoose={speak}
      />
    </section>
  );
}
